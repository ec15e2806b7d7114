import FluxFiles
import FluxFormat
import FluxLog

/// The part of the log that readers may see: everything durable.
struct LogExtent: Sendable, Equatable {
    /// The numbers of the segments, in order.
    var segments: [UInt32]
    /// Behind the last durable batch.
    var end: Position
    /// The sequence of the first frame that is not there.
    var nextFrameSequence: UInt64
    /// The sequence of the first frame of a log of which the front was dropped; 0 of any other.
    var firstFrameSequence: UInt64 = 0
}

extension LogExtent {
    /// Everything from the first segment to the end.
    init(firstSegment: UInt32?, end: Position, nextFrameSequence: UInt64, firstFrameSequence: UInt64 = 0) {
        let first = firstSegment ?? 1
        // In a segment of which only the header is there is nothing to read, and the header may be written anew.
        let last = end.offset > SegmentHeader.byteCount ? end.segment : end.segment - min(1, end.segment)
        self.init(
            segments: first <= last ? Array(first...last) : [], end: end, nextFrameSequence: nextFrameSequence,
            firstFrameSequence: firstFrameSequence)
    }
}

/// Reads the frames of all segments of an extent in order, seals included, each verified.
struct LogScan<Files: FileSystem>: ~Copyable {
    private let table: SegmentTable<Files>
    private let extent: LogExtent
    private var nextSegment: Int
    private var scan = SegmentScan<Files.File>()
    private(set) var segment: SegmentFile<Files.File>?

    /// Starts at the first frame of a segment, or of the first one behind it.
    init(_ table: SegmentTable<Files>, extent: LogExtent, from segment: UInt32 = 0) {
        self.table = table
        self.extent = extent
        nextSegment = extent.segments.firstIndex { $0 >= segment } ?? extent.segments.count
    }

    /// The next frame, or `nil` at the end of the extent.
    mutating func next(verifyingPayload: Bool = true) throws(LogError) -> ScannedFrame? {
        while true {
            if let frame = try scan.next(verifyingPayload: verifyingPayload) { return frame }
            guard try openNextSegment() else { return nil }
        }
    }

    /// Leaves the rest of a segment in which damage was found.
    mutating func skipSegment() {
        scan.stop()
    }

    /// Voids the last payload; in debug builds its bytes are overwritten.
    mutating func invalidate() {
        scan.invalidate()
    }

    /// The stored payload of the last frame with its padding.
    var payload: RawSpan {
        @_lifetime(borrow self)
        borrowing get { scan.payload }
    }

    /// The same bytes, which the caller lets nobody use once the next frame is read.
    @unsafe
    var unownedPayload: RawSpan {
        @_lifetime(immortal)
        borrowing get { unsafe scan.unownedPayload }
    }

    private mutating func openNextSegment() throws(LogError) -> Bool {
        scan.stop()
        segment = nil
        guard nextSegment < extent.segments.count else { return false }
        let number = extent.segments[nextSegment]
        nextSegment += 1
        let file = try table.reopened(number)
        let end = number == extent.end.segment ? min(extent.end.offset, file.framesEnd) : file.framesEnd
        segment = file
        scan.begin(file.file, segment: file.header, end: end)
        return true
    }
}
