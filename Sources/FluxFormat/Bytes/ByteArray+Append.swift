extension [UInt8] {
    /// Appends a little-endian integer.
    package mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(littleEndian value: Value) {
        unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
    }

    /// Appends two little-endian integers.
    package mutating func append(littleEndian first: UInt32, _ second: UInt32) {
        append(littleEndian: UInt64(first) | UInt64(second) << 32)
    }

    /// Overwrites the bytes at `offset` with a little-endian integer.
    package mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= count, "store(_:at:) outside of the bytes")
        unsafe withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
        }
    }

    /// Appends zero bytes up to the next multiple of 8.
    package mutating func padToWord() {
        for _ in count..<wordAligned(count) { append(0) }
    }
}

/// The least multiple of 8 that is not below `byteCount`.
@inlinable
package func wordAligned(_ byteCount: Int) -> Int { (byteCount + 7) & ~7 }

extension [UInt8] {
    /// The array's bytes, borrowed from it.
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        borrowing get { unsafe span.bytes }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Stores a little-endian integer; traps when it does not lie inside.
    func store<Value: FixedWidthInteger & BitwiseCopyable>(littleEndian value: Value, at offset: Int) {
        unsafe storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }
}
