import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Logging
import Testing

@testable import FluxStore

@Suite("Metrics of what goes wrong")
struct FailureMetricsTests {
    @Test("A full disk is told once, and that it has room again; the ballast is counted when it goes")
    func fullDisk() throws {
        let watched = try WatchedEngine()
        // Sealed segments bring the log to the size from which it has a ballast.
        var seed: UInt64 = 0
        while watched.metrics["roll_duration"].count < 2 {
            seed += 1
            #expect(try watched.append(seed)?.code == nil)
        }
        watched.engine.background.runAll()
        watched.disk.isFull = true
        for failed in 1000...1001 as ClosedRange<UInt64> { #expect(try watched.append(failed)?.code == .noSpace) }
        #expect(watched.metrics["disk_full"] == [0, 1] && watched.metrics["ballast_releases"] == [1])
        let full = watched.log.lines("the disk is full, appends are refused")
        #expect(full.map(\.level) == [.error] && full[0].metadata["reason"]?.contains("no space left") == true)
        watched.disk.isFull = false
        #expect(try watched.append(1002)?.code == nil)
        #expect(watched.metrics["disk_full"] == [0, 1, 0] && watched.metrics["poisoned"] == [0])
        #expect(watched.log.lines("the disk has room again, appends go on").count == 1)
        #expect(watched.metrics.sum("appended_batches") == Int64(seed) + 1)
    }

    @Test("A sync that fails is told once as poison, however many appends meet it")
    func poison() throws {
        let watched = try WatchedEngine()
        #expect(try watched.append(1)?.code == nil)
        watched.disk.fail()
        #expect(try watched.append(2)?.code == .durabilityUnknown)
        for seed in 3...5 as ClosedRange<UInt64> { #expect(try watched.append(seed)?.code == .poisoned) }
        #expect(watched.metrics["poisoned"] == [0, 1] && watched.metrics["syncs"].count == 2)
        #expect(watched.log.lines.filter { $0.level == .critical }.count == 1)
    }

    @Test("A segment that was not made ahead of time is counted, and so is a job that fails")
    func preparation() throws {
        let watched = try WatchedEngine()
        var seed: UInt64 = 0
        // No one does the jobs.
        while watched.metrics["missing_spares"].isEmpty, seed < 100 {
            seed += 1
            #expect(try watched.append(seed)?.code == nil)
        }
        #expect(watched.metrics["missing_spares"] == [1] && watched.metrics["failed_jobs"].isEmpty)
        let line = try #require(watched.log.lines("the file of a segment was not made ahead of time").first)
        #expect(line.level == .info && line.metadata["segment"] == "2")
        watched.disk.isFull = true
        watched.engine.background.runAll()
        #expect(UInt64(watched.metrics.sum("failed_jobs")) == watched.engine.background.failureCount)
        #expect(watched.metrics.sum("failed_jobs") > 0)
        #expect(watched.log.lines("work on files beside the commits failed").first?.metadata["count"] == "1")
    }

    @Test("Frames that the index lacks are shown, and the writer's waits for it counted")
    func lag() throws {
        var limits = WatchedEngine.Limits()
        limits.engine.index.lagFrameCountMax = 2
        let watched = try WatchedEngine(limits)
        for seed in 1...3 as ClosedRange<UInt64> { #expect(try watched.append(seed)?.code == nil) }
        #expect(watched.metrics["index_lag_frames"] == [1, 2, 3] && watched.metrics["index_waits"].isEmpty)
        // Three are too many, so the fourth waits in the queue.
        #expect(try watched.append(4) == nil)
        #expect(watched.metrics["index_waits"] == [1])
        #expect(watched.log.lines("the writer waits for the index").first?.metadata["frames"] == "3")
        #expect(watched.engine.indexer.start() && watched.engine.indexer.step())
        #expect(watched.metrics["index_lag_frames"].last == 0)
        #expect(watched.engine.committer.step(now: .now) == .ready)
        #expect(watched.metrics["queue_bytes"].last == 0 && watched.metrics.sum("appended_batches") == 4)
    }

    /// An index that cannot be opened until it may.
    private final class BrokenHome: IndexHome {
        private let home = Guarded<(any IndexHome)?>(nil)

        func mend(_ mended: any IndexHome) { home.withLock { $0 = mended } }

        func open(reaching extent: LogExtent) throws(StoreError) -> MetadataIndex {
            guard let home = home.withLock(\.self) else { throw StoreError(.io, "the index is away") }
            return try home.open(reaching: extent)
        }
    }

    @Test("An index that cannot go on is counted and told, and so is that it goes on")
    func indexFailure() throws {
        let home = BrokenHome()
        var limits = WatchedEngine.Limits()
        limits.home = home
        limits.engine.index.retryNanoseconds = 0
        let watched = try WatchedEngine(limits)
        #expect(watched.engine.indexer.start() && watched.engine.indexer.start())
        #expect(watched.metrics["index_failures"] == [1, 1])
        let line = try #require(watched.log.lines("the index cannot go on, it is tried again").first)
        #expect(line.metadata["code"] == "io" && line.metadata["reason"] == "the index is away")
        home.mend(watched.ownHome)
        #expect(watched.engine.indexer.start())
        #expect(watched.log.lines("the index goes on").count == 1 && watched.metrics["index_failures"] == [1, 1])
    }
}
