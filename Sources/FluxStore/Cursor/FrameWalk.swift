import FluxFiles
import FluxFormat
import FluxLog

/// Decodes the frames of a feed one after the other, each into the same arena.
struct FrameWalk<Files: FileSystem>: ~Copyable {
    private var feed: FrameFeed<Files>
    private var decoder = FrameDecoder()
    private let parts: FrameParts
    private var isAtEnd = false
    /// The event at which the next frame is to begin.
    private var soughtEvent: UInt64?
    /// The number of the first event of the last frame.
    private var firstEvent: UInt64 = 0

    /// What decoding the next frame came to.
    enum Step {
        /// Its records, and those of them that are events to be handed out. They stay in place until the next step.
        case records(FrameRecords, Range<Int>)
        case end
        /// The disk would have to be waited for: ``awaited`` does.
        case pending
    }

    /// Decodes of each frame what the feed reads of it.
    init(_ feed: consuming FrameFeed<Files>, parts: FrameParts) {
        self.feed = feed
        self.parts = parts
    }

    /// Does what the last step would have waited for.
    var awaited: @Sendable () -> Void { feed.awaited }

    /// Decodes the next frame. Waits for the disk only with `mayWait`. Views of the frame before are void.
    ///
    /// After an error the walk is at its end.
    mutating func next(mayWait: Bool) throws(StoreError) -> Step {
        decoder.invalidate()
        // Until the frame is proven, there is nothing behind it.
        guard !isAtEnd else { return .end }
        isAtEnd = true
        switch try feed.next(mayWait: mayWait) {
        case .end: return .end
        case .pending:
            isAtEnd = false
            return .pending
        case .frame(let frame):
            try decode(frame)
            isAtEnd = false
            return step(frame)
        }
    }

    /// Goes on at an event of the one execution that the feed reads; its frame is read with the next step.
    mutating func seek(toEvent event: UInt64) throws(StoreError) {
        isAtEnd = true
        try feed.seek(toEvent: event)
        soughtEvent = event
        isAtEnd = false
    }

    private mutating func decode(_ frame: ScannedFrame) throws(StoreError) {
        do throws(FormatError) {
            let payload = unsafe feed.unownedPayload
            try decoder.decode(
                frame.header, payload: payload, storeSalt: feed.storeSalt, parts: parts)
        } catch {
            throw StoreError(.damaged(path: feed.path, offset: frame.position.offset, error))
        }
    }

    private mutating func step(_ frame: ScannedFrame) -> Step {
        var records = unsafe decoder.records
        records.position = frame.position
        // META is no event.
        var first = records.hasMetadata ? 1 : 0
        if let event = soughtEvent.take(), event > UInt64(frame.header.firstEvent) {
            first = min(first + Int(event - UInt64(frame.header.firstEvent)), records.count)
        }
        return .records(records, first..<records.count)
    }
}
