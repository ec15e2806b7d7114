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
    /// Where frames begin that are handed out.
    private let range: Range<Position>
    private var nextSegment: Int
    private var scan = SegmentScan<Files.File>()
    private(set) var segment: SegmentFile<Files.File>?
    /// Whether ``segment`` is there: looked at for every frame, where that would be copied.
    private var isOpen = false
    /// What seeds the hashes of the segment's payloads.
    private(set) var storeSalt: UInt64 = 0
    /// Where the range ends in the segment.
    private var rangeEnd = 0

    /// Starts at the first frame of a segment, or of the first one behind it.
    init(_ table: SegmentTable<Files>, extent: LogExtent, from segment: UInt32 = 0) {
        self.init(table, extent: extent, over: Position(segment: segment, offset: 0)..<Position(rawValue: .max))
    }

    /// Starts at the frame at the lower bound of a range, or at the first one of a segment where that lies in its header,
    /// and ends before the first frame that begins at the upper bound or behind it.
    init(_ table: SegmentTable<Files>, extent: LogExtent, over range: Range<Position>) {
        self.table = table
        self.extent = extent
        self.range = range
        nextSegment = extent.segments.firstIndex { $0 >= range.lowerBound.segment } ?? extent.segments.count
    }

    /// The next frame, or `nil` at the end of the extent.
    mutating func next(verifyingPayload: Bool = true) throws(LogError) -> ScannedFrame? {
        let reading: FrameReading = verifyingPayload ? .verified : .unverified
        guard case .frame(let frame) = try step(reading, mayWait: true) else { return nil }
        return frame
    }

    /// The next frame, as much of it as is asked for. Waits for the disk only with `mayWait`.
    mutating func step(_ reading: FrameReading, mayWait: Bool) throws(LogError) -> FrameStep {
        while true {
            if isOpen {
                // What lies behind the range is not read, and may be damaged.
                guard scan.offset < rangeEnd else { return .end }
                switch try scan.step(reading, mayWait: mayWait) {
                case .end: break
                case let step: return step
                }
            }
            if !mayWait, nextSegment < extent.segments.count {
                closeSegment()
                return .pending
            }
            guard try openNextSegment() else { return .end }
        }
    }

    /// Does what the last step would have waited for, so that the next one does not. What fails here fails there again.
    var awaited: @Sendable () -> Void {
        guard isOpen, let awaited = scan.awaited else {
            guard nextSegment < extent.segments.count else { return {} }
            let (table, number) = (table, extent.segments[nextSegment])
            return { (try? table.current(number))?.file.warm(0..<FrameReading.unverified.stepByteCount) }
        }
        return { awaited.file.warm(awaited.bytes) }
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

    private mutating func closeSegment() {
        scan.stop()
        segment = nil
        isOpen = false
    }

    private mutating func openNextSegment() throws(LogError) -> Bool {
        closeSegment()
        guard nextSegment < extent.segments.count else { return false }
        let number = extent.segments[nextSegment]
        nextSegment += 1
        let isLast = number == extent.end.segment
        // One that was opened before it was sealed does not know where its frames end, and what it had reserved may be cut
        // off at any moment. Frames of the last one end with the extent, whatever the file has behind it.
        var file = try table.current(number)
        if !file.isSealed, !isLast { file = try table.sealed(number) }
        // One that another process has written anew since then ends elsewhere.
        guard !isLast || file.name.generation == 0 || extent.end.offset >= file.framesEnd else {
            throw .expired(
                path: file.file.path, reason: "the segment was written anew; look up again what is to be read")
        }
        let end = !isLast ? file.framesEnd : file.isSealed ? min(extent.end.offset, file.framesEnd) : extent.end.offset
        segment = file
        isOpen = true
        storeSalt = file.header.storeSalt
        rangeEnd =
            number < range.upperBound.segment ? .max : number == range.upperBound.segment ? range.upperBound.offset : 0
        scan.begin(file.file, segment: file.header, end: end)
        let first = range.lowerBound
        if number == first.segment, first.offset > SegmentHeader.byteCount { scan.skip(toFrameAt: first.offset) }
        return true
    }
}
