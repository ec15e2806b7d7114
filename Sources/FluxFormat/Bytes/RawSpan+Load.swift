import CFluxSystem

extension RawSpan {
    /// Reads a little-endian integer; traps when it does not lie inside the span, so callers check sizes first.
    @inlinable
    package func load<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as: Value.Type = Value.self) -> Value
    {
        Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// Copies the bytes.
    package var array: [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// The bytes as text; damaged UTF-8 becomes U+FFFD.
    package var text: String {
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Whether both spans hold the same bytes.
    package func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for offset in 0..<byteCount where load(at: offset, as: UInt8.self) != other.load(at: offset, as: UInt8.self) {
            return false
        }
        return true
    }

    /// Whether all bytes are zero.
    package var isZero: Bool {
        unsafe withUnsafeBytes { unsafe flux_is_zero($0.baseAddress, $0.count) != 0 }
    }
}
