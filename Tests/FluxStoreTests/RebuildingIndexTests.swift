import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import TestSupport
import Testing

@testable import FluxStore

@Suite("Looking up while an index that was put away is built again")
struct RebuildingIndexTests {
    private let folder: QuickFolder

    init() throws {
        folder = try QuickFolder()
    }

    @Test("Whatever segments the new one has, every execution is known, and is no new one", arguments: 0...3)
    func behind(segmentCount: Int) async throws {
        let executions = try await makeStore(
            at: folder.path, seeds: 0..<18, eventCount: 24, options: StoreOptions(segmentByteCountMax: 64 << 10))
        let files = PosixFileSystem()
        let log = try #require(try FoundLog.look(at: folder.path, files: files).log)
        #expect(log.extent.segments.count > 3)
        let storeID = log.header.storeID
        let index = try MetadataIndex.open(path: nil, storeID: (storeID.high, storeID.low), access: .readWrite)
        let table = SegmentTable(path: folder.path, files: files, segments: log.segments)
        if segmentCount > 0 {
            let last = try table.sealed(log.extent.segments[segmentCount - 1])
            let trailer = try #require(last.trailer)
            let part = LogExtent(
                segments: Array(log.extent.segments.prefix(segmentCount)), end: last.end,
                nextFrameSequence: trailer.nextFrameSequence)
            try IndexCatchUp(table, extent: part).run(on: index)
        }
        // The writer has room in the last one by now.
        let tail = try table.current(try #require(log.extent.segments.last))
        #expect(!tail.isSealed)
        let reserved = try files.open(tail.file.path, .readWrite)
        try reserved.truncate(to: tail.byteCount + 4096)
        // As it was when the log was opened, the index had all.
        let end = LogEvidence(end: log.extent.end, nextFrameSequence: log.extent.nextFrameSequence)
        let published = PublishedLog(end: end, options: IndexOptions())
        #expect(published.isCatchingUp)
        let view = IndexView(
            source: .memory(MemoryIndex(index)), published: published,
            seals: SealLookup(table, extent: log.extent))
        for execution in executions {
            let found = try #require(try view.execution(of: execution.id), "\(execution.id)")
            #expect(found.isFinished && found.summary.nextEvent == UInt64(execution.events.count))
            let known = try view.progress(of: execution.id, in: published)
            #expect(known.progress?.isFinished == true && !known.isDeleted)
        }
    }
}
