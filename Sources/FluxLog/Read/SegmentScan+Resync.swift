import FluxFiles
import FluxFormat

extension SegmentScan {
    /// Goes on behind damage, at the next frame whose header verifies; `false` where none does up to the end.
    ///
    /// Frames begin at multiples of 8, and the hash of a header is salted with segment and place: what looks like a frame
    /// inside of a payload is none. The chain goes on from that header, and its sequence is not below the one expected.
    package mutating func resync() throws(LogError) -> Bool {
        guard let source else { return false }
        var start = (offset + 8) & ~7
        while start + FrameHeader.byteCount <= source.end {
            let bytes: [UInt8]
            do throws(IOError) {
                let wanted = min(FrameMagic.windowByteCount, source.end - start)
                bytes = try source.file.read(byteCount: wanted, at: start)
            } catch {
                throw .io(error)
            }
            guard bytes.count >= FrameHeader.byteCount else { return false }
            if skip(toFrameIn: bytes.rawSpan, at: start, of: source) { return true }
            // A header that begins near the end of the window is looked at in the next one.
            start += (bytes.count - FrameHeader.byteCount) / 8 * 8 + 8
        }
        return false
    }

    private mutating func skip(toFrameIn bytes: RawSpan, at start: Int, of source: Source) -> Bool {
        var place = 0
        while let found = FrameMagic.first(in: bytes, from: place), found + FrameHeader.byteCount <= bytes.byteCount {
            place = found + 8
            // What does not verify is no frame.
            guard
                let header = try? FrameHeader(
                    parsing: bytes.extracting(found..<found + FrameHeader.byteCount),
                    at: Position(segment: source.segment.segment, offset: start + found),
                    segmentSalt: source.segment.segmentSalt),
                header.frameSequence >= nextFrameSequence, start + found + header.frameByteCount <= source.end
            else { continue }
            skip(to: start + found, header)
            return true
        }
        return false
    }
}

/// Finds the first bytes of frames.
enum FrameMagic {
    /// Bytes that are looked at together.
    static let windowByteCount = 1 << 20

    /// The first multiple of 8 from `start` on, itself one, at which a frame's magic stands.
    static func first(in bytes: RawSpan, from start: Int) -> Int? {
        var offset = start
        // Eight words at a time: most bytes are no magic.
        let magic = SIMD8<UInt64>(repeating: UInt64(FrameHeader.magic))
        let mask = SIMD8<UInt64>(repeating: UInt64(UInt32.max))
        while offset + 64 <= bytes.byteCount {
            let words = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
            if any((words & mask) .== magic) { break }
            offset += 64
        }
        while offset + 4 <= bytes.byteCount {
            if bytes.load(at: offset, as: UInt32.self) == FrameHeader.magic { return offset }
            offset += 8
        }
        return nil
    }
}
