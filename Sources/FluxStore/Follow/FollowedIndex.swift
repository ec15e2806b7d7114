import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Glibc
import Synchronization

/// The index of a store that is open for reading: that of the writer beside it, as long as it keeps up.
///
/// What was durable half a second ago is in every answer. A writer's index is tens of milliseconds behind its log, which is
/// waited for only where it cannot be told otherwise; one that stays behind is done without.
final class FollowedIndex: Sendable {
    private let watch: HeadWatch
    private let table: SegmentTable<PosixFileSystem>
    private let files: PosixFileSystem
    private let state: Mutex<State>

    fileprivate struct State {
        var source: IndexSource
        /// Every frame below it is in the index.
        var indexedSequence: UInt64 = 0
        /// What was durable at some moments not long ago, and is not known to be in the index, oldest first.
        var lacking: [(time: MonotonicTime, sequence: UInt64)] = []
        /// A moment of which everything durable is in the index.
        var freshAt: MonotonicTime?
    }

    private static let ageNanosecondsMax: UInt64 = 500_000_000
    /// Time between two moments that are noted.
    private static let stepNanoseconds: UInt64 = 100_000_000
    private static let waitMicroseconds: UInt32 = 5000
    /// Looks at an index that is behind, before another is chosen.
    private static let waitCountMax = 40

    init(_ source: IndexSource, watch: HeadWatch, table: SegmentTable<PosixFileSystem>, files: PosixFileSystem) {
        self.watch = watch
        self.table = table
        self.files = files
        state = Mutex(State(source: source))
    }

    /// Asks the index, once it has what was durable half a second ago.
    func read<Value>(_ body: (MetadataIndex) throws(IndexError) -> Value) throws(StoreError) -> Value {
        try follow(maximumAge: Self.ageNanosecondsMax)
        return try state.withLock(\.source).read(body)
    }

    /// Waits until the index has all that is durable at this moment.
    func settle() throws(StoreError) { try follow(maximumAge: 0) }

    private func follow(maximumAge: UInt64) throws(StoreError) {
        let now = MonotonicTime.now
        // Most queries look at nothing but this.
        if state.withLock({ $0.isFresh(at: now, within: min(maximumAge, Self.stepNanoseconds)) }) { return }
        let seen = watch.look()
        let wanted = seen.visible.nextFrameSequence
        if state.withLock({ $0.reaches(wanted, at: now) }) { return }
        var (source, waitCount) = (state.withLock(\.source), 0)
        // One that cannot be read is chosen anew.
        while let applied = try? source.read({ (index) throws(IndexError) in try index.applied }) {
            let isFresh = state.withLock { state in
                state.note(applied.nextFrameSequence, wanted: wanted, at: now, step: Self.stepNanoseconds)
                return state.reaches(wanted, at: now) || state.isFresh(at: now, within: maximumAge)
            }
            if isFresh { return }
            guard case .file = source, waitCount < Self.waitCountMax else { break }
            waitCount += 1
            usleep(Self.waitMicroseconds)
        }
        source = try choose(seen, over: source)
        state.withLock { state in
            state.source = source
            state.indexedSequence = wanted
            state.lacking = []
            state.freshAt = now
        }
    }

    /// An index that reaches what is seen: the file's, perhaps another than before, or one in memory.
    private func choose(_ seen: HeadWatch.Seen, over source: IndexSource) throws(StoreError) -> IndexSource {
        guard let storeID = seen.storeID else { return source }
        var choice = IndexChoice(
            keeper: IndexKeeper(path: table.path, storeID: storeID, table: table, files: files), mayLock: false)
        let isWriterAlive = StoreLock.isHeld(table.path, files: files)
        guard case .memory(let memory) = source else {
            return try choice.choose(for: seen.visible, isWriterAlive: isWriterAlive)
        }
        if let found = choice.current(for: seen.visible) { return found }
        // Everyone who asks needs what is added, so that nobody waits in vain behind this.
        try memory.catchUp(IndexCatchUp(table, extent: seen.visible))
        return source
    }
}

extension FollowedIndex.State {
    /// Whether everything is in the index that was durable so long before.
    fileprivate func isFresh(at now: MonotonicTime, within nanoseconds: UInt64) -> Bool {
        freshAt.map { now.since($0) < nanoseconds } ?? false
    }

    /// Whether everything is in the index that is durable at this moment.
    fileprivate mutating func reaches(_ wanted: UInt64, at now: MonotonicTime) -> Bool {
        guard indexedSequence >= wanted else { return false }
        freshAt = now
        return true
    }

    /// Notes how far the index reaches, and what was durable at a moment.
    fileprivate mutating func note(_ applied: UInt64, wanted: UInt64, at now: MonotonicTime, step: UInt64) {
        indexedSequence = applied
        if lacking.last.map({ now.since($0.time) >= step }) ?? true { lacking.append((now, wanted)) }
        while let first = lacking.first, first.sequence <= applied {
            freshAt = max(freshAt ?? first.time, first.time)
            lacking.removeFirst()
        }
    }
}
