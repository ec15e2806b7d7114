package import FluxFiles
import FluxFormat

extension StoredFile {
    /// Bytes that are looked at together.
    private static var windowByteCount: Int { 1 << 20 }

    /// Whether nothing but zeros stands from an offset on.
    func isZero(from offset: Int) throws(IOError) -> Bool {
        try endOfContent(from: offset) == offset
    }

    /// Behind the last byte from `offset` on that is not zero; `offset` where there is none.
    package func endOfContent(from offset: Int) throws(IOError) -> Int {
        var end = offset
        var start = offset
        let byteCount = try byteCount()
        while start < byteCount {
            let bytes = try read(byteCount: min(Self.windowByteCount, byteCount - start), at: start)
            guard !bytes.isEmpty else { break }
            if !bytes.rawSpan.isZero, let last = bytes.lastIndex(where: { $0 != 0 }) { end = start + last + 1 }
            start += bytes.count
        }
        return end
    }
}
