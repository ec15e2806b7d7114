import FluxFormat
import FluxFiles
import FluxIndex
import FluxLog

extension EventStore {
    /// Every durable batch behind a checkpoint in the order of the log, each once, then each further one once it is durable.
    ///
    /// Without a checkpoint it begins with the oldest batch that the store has; ``checkpoint()`` is behind the newest. Any
    /// number of tasks may follow. Nothing is kept for one that is slow: each reads the log by itself, on the thread that
    /// asks for the next item. It ends when its task is cancelled, and behind the last batch of a store that is closed.
    ///
    /// In a store that is open for reading it follows what a writer in another process makes durable, a fraction of a second
    /// behind, over the writer's end and the next one's beginning. Nothing is shown that a recovery could drop: while no
    /// writer is there, what stands behind the end that `HEAD` names is not shown, and without `HEAD` nothing is.
    ///
    /// Throws `damaged` with file and place where the log does not verify, and `io`; behind an error there is nothing. To
    /// begin it scans the segment of the checkpoint, and then reads each frame once.
    public func follow(from checkpoint: FollowCheckpoint? = nil) -> FollowedItems {
        FollowedItems(store: self, checkpoint: checkpoint)
    }

    /// The place behind everything that is durable at this moment. Scans the last segment.
    public func checkpoint() throws(StoreError) -> FollowCheckpoint {
        let view = followView
        guard let number = view.durable.segments.last else { return FollowCheckpoint(startOf: view.storeID) }
        do throws(LogError) {
            let segment = try table.sealed(number)
            let isLast = number == view.durable.end.segment
            var scan = SegmentScan<PosixFile>()
            scan.begin(
                segment.file, segment: segment.header,
                end: isLast ? min(view.durable.end.offset, segment.framesEnd) : segment.framesEnd)
            while try scan.next(verifyingPayload: false) != nil {}
            return FollowCheckpoint(
                storeID: view.storeID, frameSequence: scan.nextFrameSequence - 1,
                writerEpoch: segment.header.writerEpoch, frameHash: scan.previousFrameHash)
        } catch {
            throw StoreError(error)
        }
    }

    /// A cursor over the events of a batch that was handed out by ``follow(from:)``.
    public func cursor(over batch: FollowedBatch) -> EventCursor {
        cursor(over: batch.locations, of: batch.executionID)
    }

    /// What who follows may see at this moment.
    var followView: FollowView {
        guard let watch else {
            let extent = extent
            return FollowView(storeID: storeID, durable: extent, nextFrameSequence: extent.nextFrameSequence)
        }
        let seen = watch.look()
        return FollowView(
            storeID: seen.storeID ?? storeID, durable: seen.durable,
            nextFrameSequence: seen.visible.nextFrameSequence, resetCount: seen.resetCount)
    }
}

/// The batches of a store, as ``EventStore/follow(from:)`` hands them out.
public struct FollowedItems: AsyncSequence, Sendable {
    /// A batch, or what befell the log.
    public typealias Element = FollowItem
    /// What ends following early.
    public typealias Failure = StoreError

    let store: EventStore
    let checkpoint: FollowCheckpoint?

    /// Starts at the checkpoint.
    public func makeAsyncIterator() -> Iterator { Iterator(reader: Reader(store, from: checkpoint)) }

    /// Hands out the items one by one.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let reader: Reader

        /// The next item; waits until there is one. `nil` at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(StoreError) -> FollowItem? {
            try await reader.next(isolation: actor)
        }
    }

    /// One task's way along the log: a reference, since an iterator is a value that may be copied.
    fileprivate final class Reader {
        private let store: EventStore
        private var follower: LogFollower<PosixFileSystem>
        private var isAtEnd = false

        /// Time between two looks at what another process has made durable.
        private static let lookInterval = Duration.milliseconds(50)

        init(_ store: EventStore, from checkpoint: FollowCheckpoint?) {
            self.store = store
            follower = LogFollower(store.table, from: checkpoint)
        }

        func next(isolation actor: isolated (any Actor)?) async throws(StoreError) -> FollowItem? {
            while !isAtEnd {
                // Before the look: what is published behind it wakes who waits.
                let signal = store.followers.current
                if Task.isCancelled { break }
                if let item = try look() { return item }
                if signal.isClosed { break }
                if store.watch == nil {
                    await store.followers.wait(past: signal.version)
                } else {
                    // Cancelled, it ends early, and so does the loop.
                    try? await Task.sleep(for: Self.lookInterval)
                }
            }
            isAtEnd = true
            return nil
        }

        private func look() throws(StoreError) -> FollowItem? {
            do throws(LogError) {
                return try follower.next { store.followView }
            } catch {
                isAtEnd = true
                throw StoreError(error)
            }
        }
    }
}
