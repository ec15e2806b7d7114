import CFluxLZ4
package import FluxFormat

/// The LZ4 block format of liblz4: no header, no checksum; lengths and hashes are the frame's.
package enum LZ4 {
    /// Compresses to the front of `target` and returns the number of bytes, or `nil` where less than an eighth would be
    /// saved, or the bytes are too few to try. `target` has room for the bytes as they are.
    package static func compress(_ bytes: [UInt8], into target: UnsafeMutableRawBufferPointer) -> Int? {
        guard bytes.count >= FormatLimit.compressedByteCountMin else { return nil }
        let capacity = bytes.count - bytes.count / 8
        precondition(target.count >= capacity, "no room to compress into")
        let written = unsafe bytes.withUnsafeBytes { source in
            unsafe LZ4_compress_default(source.baseAddress, target.baseAddress, Int32(source.count), Int32(capacity))
        }
        return written > 0 ? Int(written) : nil
    }

    /// Decompresses into all of `target`; throws when the block is damaged or has another length.
    package static func decompress(_ block: RawSpan, into target: UnsafeMutableRawBufferPointer) throws(FormatError) {
        let written = unsafe block.withUnsafeBytes { source in
            unsafe LZ4_decompress_safe(
                source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count))
        }
        guard Int(written) == target.count else { throw .invalidField("an LZ4 block that does not decode") }
    }
}
