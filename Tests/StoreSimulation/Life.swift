import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import SimulatedDisk
import TestSupport

@testable import FluxStore

/// A store from its opening to its end, worked from one thread.
struct Life {
    let disk: SimulatedDisk
    let index: SimulatedIndex
    let engine: StoreEngine<SimulatedFileSystem>
    let view: IndexView<SimulatedFileSystem>
    let table: SegmentTable<SimulatedFileSystem>
    let storeID: StoreID
    let storeSalt: UInt64
    let lifecycle: Lifecycle<SimulatedFileSystem>

    /// Opens what lies on the disk.
    init(_ disk: SimulatedDisk, index: SimulatedIndex, settings: Settings) throws(StoreError) {
        self.disk = disk
        self.index = index
        let files = disk.fileSystem
        let log: LogWriter<SimulatedFileSystem>
        let found: UnopenedLog<SimulatedFileSystem>
        var applied = LogEvidence.none
        do throws(LogError) {
            let directory = try LogDirectory("store", files: files, access: .readWrite)
            if let owner = try? MetadataIndex.owner(at: index.path), let header = directory.last?.header,
                owner.storeID == (header.storeID.high, header.storeID.low)
            {
                applied = LogEvidence(
                    end: owner.applied.position, nextFrameSequence: owner.applied.nextFrameSequence)
            }
            found = try UnopenedLog(directory, evidence: applied)
            log = try LogWriter.open(found, options: settings.log, now: { 1 }).writer
        } catch {
            throw StoreError(error)
        }
        table = SegmentTable(found.directory)
        storeID = log.storeID
        storeSalt = log.storeSalt
        let published = PublishedLog(opening: log, found, applied: applied, options: settings.engine.index)
        let extent = LogExtent(
            firstSegment: found.firstSegment, end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence,
            firstFrameSequence: found.firstFrameSequence)
        view = IndexView(
            source: .file(IndexReaders(path: index.path, storeID: storeID)), published: published,
            seals: SealLookup(table, extent: extent))
        let home = SimulatedIndexHome(index: index, storeID: storeID, table: table)
        engine = StoreEngine(log, published: published, home: home, options: settings.engine)
        lifecycle = Lifecycle(
            path: "store", files: files, table: table, published: published,
            work: SimulatedWork(engine: engine))
    }

    /// The events of an execution as a reader gets them, and whether it has ended; `nil` where there is none.
    func read(_ id: ExecutionID) throws -> (events: [Event], isFinished: Bool, firstSegment: UInt32)? {
        let table = table.held()
        guard let execution = try view.execution(of: id), let first = execution.frames.first else { return nil }
        guard let locations = try view.locations(of: id) else {
            throw SimulationFailure("\(id): is known, and its frames are not")
        }
        var walk = FrameWalk(FrameFeed(table, locations), parts: .all)
        var assembler = EventAssembler()
        var events: [Event] = []
        while case .records(let records, let places) = try walk.next(mayWait: true) {
            for place in places {
                if let whole = assembler.add(records.record(at: place)) { events.append(whole.event) }
            }
        }
        guard UInt64(events.count) == execution.summary.nextEvent else {
            throw SimulationFailure(
                "\(id): \(events.count) events where the index counts \(execution.summary.nextEvent): "
                    + execution.frames.map { "\($0.position) \($0.firstEvent)+\($0.eventCount)" }.joined(
                        separator: ", "))
        }
        return (events, execution.isFinished, first.position.segment)
    }

    /// Lets everything that waits come to its end, as it does without faults.
    func drain(_ time: inout UInt64) throws {
        _ = engine.indexer.start()
        for _ in 0..<10_000 {
            time += 10
            let wait = engine.committer.step(now: MonotonicTime(nanoseconds: time))
            let isWorking = [engine.completer.runAll(), engine.indexer.step(), engine.background.runNext()].contains(
                true)
            if case .until(nil) = wait, !isWorking { return }
        }
        throw SimulationFailure("a store without faults does not come to rest")
    }

    /// Holds the index against one that is built from the frames alone.
    func checkIndex() throws {
        let extent = engine.published.extent
        let fresh = try MetadataIndex.open(path: nil, storeID: (storeID.high, storeID.low), access: .readWrite)
        let damage = try IndexCatchUp(table, extent: extent).scan(into: fresh)
        guard damage.isEmpty else { throw SimulationFailure("the log does not verify: \(damage)") }
        let actual = try view.source.read { (index) throws(IndexError) in
            try index.allSummaries(afterN: nil, limit: 1 << 20)
        }
        let expected = try fresh.allSummaries(afterN: nil, limit: 1 << 20)
        let deleted = try view.source.read { (index) throws(IndexError) in try index.deadExecutions().map(\.id) }
        guard try deleted == fresh.deadExecutions().map(\.id) else {
            throw SimulationFailure("the index remembers other deletions than the log")
        }
        guard actual == expected else {
            throw SimulationFailure(
                "the index has \(actual.count) rows, the log gives \(expected.count), or they differ")
        }
    }
}

extension StoreEngine {
    /// One turn of the thread of the index: one that is not there, or was lost, is opened.
    func stepIndex() {
        _ = published.isCatchingUp || published.isRebuilding ? indexer.start() : indexer.step()
    }
}
