import FluxFiles
public import FluxFormat
import FluxLog

/// Reads events in order, each borrowed from the one arena that the cursor owns.
///
/// Memory is that of the largest frame, whatever the execution's size; nothing is allocated for an event. A view is
/// valid until the next call of ``next()``. Every frame is verified before any byte of it is handed out.
public struct EventCursor: ~Copyable {
    private var feed: FrameFeed<PosixFileSystem>
    private var decoder = FrameDecoder()
    private var recordIndex = 0
    private var recordCount = 0
    private var isAtEnd = false

    init(_ feed: consuming FrameFeed<PosixFileSystem>) {
        self.feed = feed
    }

    /// The next event or piece of an event, or `nil` at the end.
    ///
    /// An event of more than 960 KiB comes in pieces, of which all but the last have `hasMorePieces`. Throws `damaged`
    /// where bytes do not verify: the events before were whole. After an error the cursor is at its end.
    @_lifetime(&self)
    public mutating func next() throws(StoreError) -> EventView? {
        while recordIndex == recordCount {
            guard try loadFrame() else { return nil }
        }
        let index = recordIndex
        recordIndex += 1
        // The view borrows from the buffers of feed and decoder. Both belong to the cursor and change only in its
        // mutating calls, which is what the lifetime handed out says.
        let view = unsafe decoder.record(at: index)
        return unsafe _overrideLifetime(view, mutating: &self)
    }

    /// Calls `body` with every event that is left.
    public mutating func forEach(_ body: (borrowing EventView) throws -> Void) throws {
        while let event = try next() { try body(event) }
    }

    /// Decodes the next frame; `false` at the end.
    private mutating func loadFrame() throws(StoreError) -> Bool {
        recordIndex = 0
        recordCount = 0
        decoder.invalidate()
        // Until the frame is proven, there is nothing behind it.
        guard !isAtEnd else { return false }
        isAtEnd = true
        do throws(LogError) {
            guard let frame = try feed.next() else { return false }
            do throws(FormatError) {
                let payload = unsafe feed.unownedPayload
                try decoder.decode(frame.header, payload: payload, storeSalt: frame.segment.header.storeSalt)
            } catch {
                throw .damaged(path: frame.segment.file.path, offset: frame.offset, error)
            }
        } catch {
            throw StoreError(error)
        }
        isAtEnd = false
        recordCount = decoder.recordCount
        // META is no event.
        recordIndex = decoder.hasMetadata ? 1 : 0
        return true
    }
}
