import FluxFiles
import FluxFormat

/// What stands behind the last whole batch of a segment.
struct TailContent {
    /// Behind the last byte that is not zero; the start where there is none.
    private(set) var end: Int
    /// The greatest promise of any header that verifies. It raises alarms; it never brings frames back.
    private(set) var promise = LogEvidence.none

    private static let windowByteCount = 1 << 20
    private static let pageByteCount = 4096

    /// Looks at nothing behind the size that the file had when it was opened: a live writer goes on there.
    init(of segment: SegmentFile<some StoredFile>, from start: Int) throws(LogError) {
        end = start
        for offset in stride(from: start, to: segment.byteCount, by: Self.windowByteCount) {
            let byteCount = min(Self.windowByteCount + FrameHeader.byteCount, segment.byteCount - offset)
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try segment.file.read(byteCount: byteCount, at: offset)
            } catch {
                throw .io(error)
            }
            // Most of what was reserved is zeros.
            guard !bytes.rawSpan.isZero else { continue }
            end = offset + Self.endOfContent(bytes)
            findPromises(in: bytes, of: segment, offset: offset)
        }
    }

    /// Behind the last byte that is not zero, of which there is one; found page by page from the end.
    private static func endOfContent(_ bytes: [UInt8]) -> Int {
        var end = bytes.count
        while end >= pageByteCount, bytes.rawSpan.extracting(end - pageByteCount..<end).isZero { end -= pageByteCount }
        while bytes[end - 1] == 0 { end -= 1 }
        return end
    }

    private mutating func findPromises(in bytes: [UInt8], of segment: SegmentFile<some StoredFile>, offset: Int) {
        // Frames begin at multiples of 8, and so does the content behind a whole batch.
        var next = 0
        while let place = FrameMagic.first(in: bytes.rawSpan, from: next), place + FrameHeader.byteCount <= bytes.count
        {
            next = place + 8
            let header = try? FrameHeader(
                parsing: bytes.rawSpan.extracting(place..<place + FrameHeader.byteCount),
                at: Position(segment: segment.name.segment, offset: offset + place),
                segmentSalt: segment.header.segmentSalt)
            guard let header else { continue }
            // All frames of a batch promise what lies before its first one.
            promise = promise.combined(
                with: LogEvidence(end: header.durableEnd, nextFrameSequence: header.frameSequence))
        }
    }
}

/// Tells a write that was interrupted from one that looks complete.
enum TornWrite {
    private static let sectorByteCount = 512

    /// Whether what stands at `end` is short, or has a sector of zeros where a frame's bytes belong.
    ///
    /// `failure` is what does not verify there; `nil` where all frames do, and the last of the batch is missing.
    static func isTorn(
        _ segment: SegmentFile<some StoredFile>, failure: LogError?, end: Int
    ) throws(LogError) -> Bool {
        guard case .damaged(_, let offset, let error) = failure else { return true }
        if case .truncated = error { return true }
        do throws(IOError) {
            let head = try segment.file.read(byteCount: FrameHeader.byteCount, at: offset)
            let header = try? FrameHeader(
                parsing: head.rawSpan, at: Position(segment: segment.name.segment, offset: offset),
                segmentSalt: segment.header.segmentSalt)
            let byteCount = header?.frameByteCount ?? FrameHeader.byteCount
            let bytes = try segment.file.read(byteCount: byteCount, at: offset)
            return bytes.count < byteCount || hasZeroSector(bytes, at: offset)
        } catch {
            throw .io(error)
        }
    }

    private static func hasZeroSector(_ bytes: [UInt8], at offset: Int) -> Bool {
        var start = 0
        while start < bytes.count {
            let end = min(start + sectorByteCount - (offset + start) % sectorByteCount, bytes.count)
            if bytes.rawSpan.extracting(start..<end).isZero { return true }
            start = end
        }
        return false
    }
}
