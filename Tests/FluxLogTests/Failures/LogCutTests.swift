import FluxFormat
import Glibc
import TestSupport
import Testing

@testable import FluxLog

@Suite("Cutting the last segment")
struct LogCutTests {
    private let log = TestLog()
    private let end: Position
    /// The name of the copy of what is cut.
    private let kept: String

    /// A log whose last bytes were promised and are damaged.
    init() throws {
        let writer = try log.open().writer
        try log.append(Sample.execution(seed: 1, eventCount: 2), to: writer)
        end = writer.durableEnd
        try log.append(Sample.execution(seed: 2, eventCount: 2), to: writer)
        try writer.close()
        log.disk.contents[TestLog.path(1)]?[end.offset + 20] ^= 1
        kept = "store/quarantine/\(SegmentName(segment: 1).fileName).\(end.offset).cut"
    }

    private func cut() throws(LogError) -> LogCut<MemoryFileSystem> {
        try LogCut("store", files: log.files, evidence: .none)
    }

    @Test("A copy has a name of its own beside earlier ones")
    func names() throws {
        let bytes = try #require(log.disk.contents[TestLog.path(1)])
        log.disk.contents[kept] = [1]
        log.disk.contents[kept + "-1"] = [2]
        let cut = try cut()
        #expect(cut.end == end)
        #expect(try cut.run(report: ["a line"]) == kept + "-2.txt")
        #expect(log.disk.contents[kept] == [1] && log.disk.contents[kept + "-1"] == [2])
        let content = bytes[end.offset..<end.offset + cut.byteCount]
        #expect(log.disk.contents[kept + "-2"] == Array(content))
        #expect(log.disk.contents[kept + "-2.txt"] == Array("a line\n".utf8))
        #expect(log.disk.contents[TestLog.path(1)]?.count == end.offset && log.disk.contents[TestLog.headPath] == nil)
        #expect(try log.read().events.count == 1)
    }

    @Test("Without room for the copy nothing is cut", arguments: [MemoryDisk.Call.write, .sync])
    func noRoom(call: MemoryDisk.Call) throws {
        let before = log.disk.contents
        log.disk.failure = .init(call: call, successCount: 0, number: ENOSPC)
        let cut = try cut()
        #expect {
            try cut.run(report: [])
        } throws: {
            guard case LogError.noSpace = $0 else { return false }
            return true
        }
        for path in [TestLog.path(1), TestLog.headPath] { #expect(log.disk.contents[path] == before[path]) }
    }

    @Test("A log without segments has nothing to cut")
    func noSegment() {
        #expect(throws: LogError.broken(path: "store/seg", reason: "there is no segment to cut")) {
            try LogCut("store", files: TestLog().files, evidence: .none)
        }
    }
}
