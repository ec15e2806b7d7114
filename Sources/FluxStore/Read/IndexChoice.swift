import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Glibc

/// Finds an index for a store that is opened for reading.
struct IndexChoice {
    let keeper: IndexKeeper
    /// Whether the store's lock may be taken to write the index's file. Not by who reads for long while writers come and
    /// go: one that begins meanwhile would be refused.
    let mayLock: Bool
    private(set) var warnings: [String] = []
    /// What the index knows of and the log has lost.
    private(set) var loss: String?

    init(keeper: IndexKeeper, mayLock: Bool) {
        self.keeper = keeper
        self.mayLock = mayLock
    }

    /// The store's own index if it reaches the end of the log, or can be brought there; else one in memory.
    ///
    /// The index's file is written only with the store's lock held, which a live writer has.
    mutating func choose(for extent: LogExtent, isWriterAlive: Bool) throws(StoreError) -> IndexSource {
        let readers = keeper.readers
        // Whatever is wrong with the file, it is built again.
        if !keeper.isCutInAPage, let applied = applied(readers, extent, isWriterAlive: isWriterAlive) {
            if applied.nextFrameSequence == extent.nextFrameSequence { return .file(readers) }
            if applied.nextFrameSequence > extent.nextFrameSequence {
                if isWriterAlive { return .file(readers) }
                noteLoss(readers, behind: extent.end)
                return try memory(extent)
            }
        }
        // Neither a directory that may not be written nor a live writer is in the way of reading.
        if mayLock, let lock = try? StoreLock(keeper.path, files: keeper.files), let source = try? build(extent) {
            _ = lock
            return source
        }
        return try memory(extent)
    }

    /// The store's own index where it reaches the end of the log at this moment.
    func current(for extent: LogExtent) -> IndexSource? {
        let readers = keeper.readers
        guard let applied = applied(readers, extent, isWriterAlive: false),
            applied.nextFrameSequence >= extent.nextFrameSequence
        else { return nil }
        return .file(readers)
    }

    /// How far an index reaches; `nil` where it cannot be read, or names places in files that were given up. One that a live
    /// writer brings forward is waited for.
    private func applied(_ readers: IndexReaders, _ extent: LogExtent, isWriterAlive: Bool) -> AppliedPosition? {
        let catchUp = IndexCatchUp(keeper.table, extent: extent)
        var attemptCount = 0
        while true {
            let found = try? readers.read { (index) throws(IndexError) in
                (applied: try index.applied, isCurrent: try catchUp.isCurrent(index))
            }
            guard let found else { return nil }
            let isThere = found.isCurrent && found.applied.nextFrameSequence >= extent.nextFrameSequence
            guard isWriterAlive, !isThere, attemptCount < Self.waitCountMax else {
                return found.isCurrent ? found.applied : nil
            }
            attemptCount += 1
            usleep(Self.waitMicroseconds)
        }
    }

    /// A writer's index is tens of milliseconds behind its log; behind one that is further, all of the log is read.
    private static let waitCountMax = 100
    private static let waitMicroseconds: UInt32 = 10_000

    private mutating func noteLoss(_ readers: IndexReaders, behind end: Position) {
        // An index that cannot be read tells of no loss.
        let report = try? readers.read { (index) throws(IndexError) in try LossReport(index, logEnd: end) }
        loss = report?.line(path: keeper.path)
        if let loss { warnings.append(loss) }
    }

    private mutating func build(_ extent: LogExtent) throws(StoreError) -> IndexSource {
        let index = try keeper.openForWriting(warnings: &warnings)
        try keeper.catchUp(index, to: extent)
        do throws(IndexError) {
            try index.close()
        } catch {
            throw StoreError(error)
        }
        return .file(keeper.readers)
    }

    /// The store's own index in memory, brought to the end of the log, of which only what it lacks is read; `nil` where it
    /// cannot be read, or the rest of the log is damaged.
    private func copy(reaching extent: LogExtent) -> MetadataIndex? {
        guard !keeper.isCutInAPage else { return nil }
        let copy = try? keeper.readers.read { (index) throws(IndexError) -> MetadataIndex? in
            guard try index.applied.nextFrameSequence <= extent.nextFrameSequence else { return nil }
            return try index.copyInMemory()
        }
        guard let copy = copy.flatMap({ $0 }), (try? keeper.catchUp(copy, to: extent)) != nil else { return nil }
        return copy
    }

    private mutating func memory(_ extent: LogExtent) throws(StoreError) -> IndexSource {
        if let copy = copy(reaching: extent) { return .memory(MemoryIndex(copy)) }
        let built = try keeper.build(extent)
        warnings.append(contentsOf: built.damage.map(\.description))
        return .memory(MemoryIndex(built.index))
    }
}
