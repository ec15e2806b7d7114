import FluxFiles
import FluxFormat
import Glibc
import TestSupport
import Testing

@testable import FluxLog

@Suite("What is taken out of a log")
struct LifecycleTests {
    private static let options = LogOptions(segmentByteCountMax: 12 << 10, frameByteCountTarget: 2000)
    private let log = TestLog(options: options)
    private let executions = (1...10).map { Sample.execution(seed: $0, eventCount: 6) }

    private func written() throws -> TestLog.Writer {
        let writer = try log.open().writer
        for execution in executions { try log.append(execution, to: writer) }
        try writer.beginNextSegment()
        writer.background.runAll()
        return writer
    }

    /// Writes a segment anew without an execution.
    private func rewrite(_ segment: SegmentFile<MemoryFile>, without dropped: Set<ExecutionID>) throws(LogError)
        -> SegmentName
    {
        try SegmentRewrite.run(segment, in: "store/seg", files: log.files, dropping: dropped, salt: 99)
    }

    @Test("A front that is dropped is dropped for good, and its files are removed by who opens the log")
    func front() throws {
        let writer = try written()
        let names = try log.directory().segments.map(\.name)
        try writer.dropSegments(before: names[2].segment)
        try writer.dropSegments(before: names[1].segment)
        #expect(writer.background.oldestSegment == names[2].segment)
        let directory = try log.directory()
        #expect(directory.damage.isEmpty && directory.segments.map(\.name) == Array(names.dropFirst(2)))
        #expect(directory.leftovers == names.prefix(2).map(\.fileName))
        try writer.close()
        _ = try log.open()
        #expect(log.disk.contents[TestLog.path(1)] == nil && log.disk.contents[TestLog.path(3)] != nil)
        // Without HEAD nothing tells that from a loss.
        let headless = TestLog(disk: log.disk.copy)
        headless.disk.contents[TestLog.headPath] = nil
        #expect(throws: LogError.self) { try headless.open() }
    }

    @Test("HEAD that names a segment behind all that are there hides none of them")
    func headAhead() throws {
        let writer = try written()
        let count = try log.directory().segments.count
        try writer.dropSegments(before: 2)
        try writer.close()
        for number in 2...UInt32(count) { log.disk.contents[TestLog.path(number)] = nil }
        #expect(try log.directory().segments.map(\.name.segment) == [1])
        #expect(throws: LogError.self) { try log.open() }
    }

    @Test("Where HEAD cannot be written the log begins where it did", arguments: [EIO, ENOSPC])
    func failedHead(number: Int32) throws {
        let writer = try written()
        log.disk.failure = .init(call: .write, successCount: 0, number: number)
        #expect(throws: LogError.self) { try writer.dropSegments(before: 2) }
        #expect(writer.background.oldestSegment == 1 && !writer.isPoisoned)
        #expect(try log.directory().segments.first?.name.segment == 1)
        try writer.dropSegments(before: 2)
        #expect(try log.directory().segments.first?.name.segment == 2)
    }

    @Test("A poisoned writer drops nothing and begins nothing")
    func poisoned() throws {
        let writer = try written()
        log.disk.failure = .init(call: .sync, successCount: 0, number: EIO)
        #expect(throws: LogError.self) { try log.append(Sample.execution(seed: 50, eventCount: 1), to: writer) }
        #expect(throws: LogError.self) { try writer.dropSegments(before: 2) }
        #expect(throws: LogError.self) { try writer.beginNextSegment() }
    }

    @Test("A tombstone stands in a segment whose header says so, and so may later ones")
    func tombstones() throws {
        let writer = try written()
        let before = try log.directory().segments.count
        func delete(_ execution: Execution) throws {
            let encoder = FrameEncoder(storeSalt: writer.storeSalt)
            let batches = [execution, executions[0]].map {
                EncodedBatch(deleting: $0.id, at: 7, encoder: encoder)
            }
            #expect(try writer.write(batches[...]).count == 2)
            try writer.sync()
        }
        try log.append(Sample.execution(seed: 60, eventCount: 1), to: writer)
        try delete(executions[1])
        try delete(executions[2])
        try writer.close()
        let headers = try log.directory().segments.map(\.header)
        #expect(headers.count == before + 1)
        #expect(headers.map(\.readerFeatures) == Array(repeating: 0, count: before) + [SegmentHeader.tombstonesFeature])
        let reopened = try log.open().writer
        try reopened.roll()
        try log.append(Sample.execution(seed: 61, eventCount: 1), to: reopened)
        #expect(try log.directory().segments.last?.header.readerFeatures == SegmentHeader.tombstonesFeature)
    }

    @Test("A group ends before a tombstone that the segment may not have")
    func groupBeforeTombstone() throws {
        let writer = try log.open().writer
        var encoder = try BatchEncoder(
            executions[0], encoder: FrameEncoder(storeSalt: writer.storeSalt), frameByteCountTarget: 2000)
        let next = encoder.next()
        let batch = try #require(next)
        let tombstone = EncodedBatch(
            deleting: executions[0].id, at: 7, encoder: FrameEncoder(storeSalt: writer.storeSalt))
        #expect(try writer.write([batch, tombstone]).count == 1)
        #expect(try writer.write([tombstone])[0].frames[0].position.segment == 2)
    }

    @Test("A segment that is written anew has all but what was dropped, and the log goes on behind it")
    func rewritten() throws {
        let writer = try written()
        for round in 1...2 as ClosedRange<UInt32> {
            let segment = try #require(try log.sealed(round - 1))
            let gone = executions[Int(round) - 1].id
            #expect(try rewrite(segment, without: [gone]) == SegmentName(segment: 1, generation: round))
            let directory = try log.directory()
            #expect(directory.damage.isEmpty && directory.segments[0].name.generation == round)
            #expect(directory.segments[0].header.readerFeatures == SegmentHeader.rewrittenFeature)
        }
        try writer.close()
        #expect(try log.directory().superseded.map(\.generation) == [1, 0])
        let again = try log.open()
        #expect(again.recovery == nil)
        try log.append(Sample.execution(seed: 70, eventCount: 1), to: again.writer)
        let events = try log.read().events
        #expect(events[executions[0].id] == nil && events[executions[9].id] == executions[9].events)
    }

    @Test("A segment that does not verify is not written anew, nor where a call fails, and nothing is left of the try")
    func failedRewrite() throws {
        _ = try written()
        let before = log.disk.contents
        func fails(_ failure: MemoryDisk.Failure?) throws {
            log.disk.failure = failure
            let segment = try #require(try log.sealed(0))
            #expect(throws: LogError.self) { try rewrite(segment, without: [executions[0].id]) }
        }
        for call in [MemoryDisk.Call.write, .sync, .truncate] {
            for number in [EIO, ENOSPC] {
                try fails(.init(call: call, successCount: 0, number: number))
                log.disk.failure = nil
                #expect(log.disk.contents.filter { !$0.key.hasSuffix(SegmentName.rewriteSuffix) } == before)
            }
        }
        for count in 1...2 {
            try fails(.init(call: .write, successCount: count, number: EIO))
            #expect(log.disk.contents.filter { !$0.key.hasSuffix(SegmentName.rewriteSuffix) } == before)
        }
        log.disk.contents[TestLog.path(1)]?[SegmentHeader.byteCount + 200] ^= 1
        try fails(nil)
        #expect(log.disk.contents.keys.sorted() == before.keys.sorted())
    }

    @Test("What is left of a rewriting that was interrupted is removed")
    func unfinished() throws {
        try written().close()
        let path = "store/seg/00000001.0001.rpl.new"
        log.disk.contents[path] = [1, 2, 3]
        #expect(try log.directory().leftovers == ["00000001.0001.rpl.new"])
        _ = try log.open()
        #expect(log.disk.contents[path] == nil)
    }
}

extension TestLog {
    /// A sealed segment by its place.
    func sealed(_ generation: UInt32) throws(LogError) -> SegmentFile<MemoryFile>? {
        let directory = try directory()
        guard let listed = directory.segments.first, listed.name.generation == generation else { return nil }
        let file = try SegmentFile(
            opening: listed.name, in: directory.segmentDirectory, files: files, access: .read)
        return try file.sealed(endingAt: listed.end.offset)
    }
}
