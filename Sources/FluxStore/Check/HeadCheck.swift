import FluxFiles
import FluxFormat
import FluxLog

/// Holds what HEAD says against the log at the place that it names.
struct HeadCheck {
    private let head: LogHead
    private let extent: LogExtent
    private let table: SegmentTable<PosixFileSystem>

    init(_ head: LogHead, extent: LogExtent, table: SegmentTable<PosixFileSystem>) {
        self.head = head
        self.extent = extent
        self.table = table
    }

    /// What differs; `nil` where nothing does. Throws where the segment that HEAD names cannot be read.
    var difference: String? {
        get throws(LogError) {
            let end = head.durableEnd
            // HEAD of a log to which nothing was appended yet.
            if end == .zero { return nil }
            guard end.offset >= SegmentHeader.byteCount else { return "says that the log ends at \(end)" }
            guard end <= extent.end else {
                // A segment that holds its header alone is begun anew.
                let isBegun = end.offset == SegmentHeader.byteCount && end.segment == extent.end.segment + 1
                return isBegun ? nil : "says that the log was stored durably up to \(end), and it ends at \(extent.end)"
            }
            // Segments that are missing, or whose header is damaged, are told elsewhere.
            guard extent.segments.contains(end.segment),
                let segment = try? table.sealed(end.segment)
            else { return nil }
            if segment.header.storeID != head.storeID { return "belongs to another store" }
            let found: (hash: UInt64, nextSequence: UInt64)?
            do throws(LogError) {
                found = try Self.chain(of: segment, at: end.offset)
            } catch {
                if case .io = error { throw error }
                // Damage before that place is told by the check of its segment.
                return nil
            }
            guard let found else {
                return "says that the log was stored durably up to \(end), where no frame ends"
            }
            let agrees = found.hash == head.lastFrameHash && found.nextSequence == head.nextFrameSequence
            return agrees ? nil : "says otherwise than the log at \(end)"
        }
    }

    /// Hash and sequence at an offset at which a frame or the trailer ends; `nil` where none does.
    private static func chain(
        of segment: SegmentFile<PosixFile>, at offset: Int
    ) throws(LogError) -> (hash: UInt64, nextSequence: UInt64)? {
        if let trailer = segment.trailer, offset == segment.endOffset {
            return (trailer.lastFrameHash, trailer.nextFrameSequence)
        }
        if let trailer = segment.trailer {
            let seal = try SegmentSeal(
                reading: segment.file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
            let frame = seal.frames.first {
                Int($0.offset) + FrameHeader.byteCount + wordAligned(Int($0.storedByteCount)) == offset
            }
            if let frame {
                return (
                    frame.headerHash, segment.header.firstFrameSequence + UInt64(frame.sequenceDelta) + 1
                )
            }
        }
        var scan = SegmentScan<PosixFile>()
        scan.begin(segment.file, segment: segment.header, end: segment.framesEnd)
        // Past the place, if a frame lies over it: a scan that ended there would take that frame for damage.
        while scan.offset < offset, try scan.next(verifyingPayload: false) != nil {}
        return scan.offset == offset ? (scan.previousFrameHash, scan.nextFrameSequence) : nil
    }
}
