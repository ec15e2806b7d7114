import FluxFiles
import FluxFormat
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@testable import FluxLog

@Suite("A read that fails")
struct FailedReadTests {
    private static let spare = "store/seg/" + SegmentName(segment: 4).spareFileName

    /// A sealed segment with a hole, another with bytes behind its last batch, and a file made ahead of time.
    private func written(hasHole: Bool = true) throws -> TestLog {
        let log = TestLog(options: LogOptions(frameByteCountTarget: 400))
        let writer = try log.open().writer
        var hole = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            let frames = try log.append(
                Sample.execution(seed: seed, eventCount: 3, payloadByteCountMax: 200), to: writer)
            if seed == 2 { hole = frames[0].position.offset + 20 }
            if seed == 3 { try writer.roll() }
        }
        let end = writer.durableEnd.offset
        let garbage = (0..<700).map { UInt8($0 % 255) + 1 }
        if hasHole { log.disk.contents[TestLog.path(1)]?[hole] ^= 1 }
        log.disk.contents[TestLog.path(2)]?.replaceSubrange(end..<end + garbage.count, with: garbage)
        return log
    }

    /// Reads everything in all the ways that there are.
    private func readAll(_ log: TestLog) throws(LogError) {
        let survey = try LogSurvey("store", files: log.files, evidence: .none)
        for listed in survey.segments.compactMap(\.listed) {
            let segment = try survey.open(listed)
            if let trailer = segment.trailer {
                _ = try SegmentSeal(
                    reading: segment.file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
            }
            var walk = BatchWalk(segment)
            while try walk.next() != nil {}
        }
        _ = try UnopenedLog("store", files: log.files)
    }

    /// Fails the first read, the second, and so on; each is reported as one, and changes nothing. Returns their number.
    private func failEach(_ log: TestLog) throws -> Int {
        for failing in 0... {
            let copy = TestLog(disk: log.disk.copy)
            let before = copy.disk.contents
            copy.disk.failure = .init(call: .read, successCount: failing, number: EIO)
            do throws(LogError) {
                try readAll(copy)
                guard copy.disk.hasFailed else { return failing }
                Issue.record("read \(failing) failed, and no one was told")
            } catch {
                guard case .io(let cause) = error, cause.number == EIO else {
                    Issue.record("read \(failing): \(error)")
                    return failing
                }
            }
            #expect(copy.disk.contents == before)
        }
        return 0
    }

    @Test("Each is reported as one, and never taken for damage or for an end")
    func each() throws {
        let log = try written()
        log.disk.contents[Self.spare] = [UInt8](repeating: 0, count: 8192)
        #expect(try failEach(log) > 20)
    }

    @Test("Also where the last file has no header")
    func unfinishedHeader() throws {
        let log = try written(hasHole: false)
        log.disk.contents[TestLog.path(2)] = [UInt8](repeating: 0, count: 8192)
        log.disk.contents[TestLog.headPath] = nil
        #expect(try failEach(log) > 15)
    }

    @Test("A file made ahead of time that is renamed or removed while names are listed holds nothing")
    func vanished() throws {
        let log = TestLog()
        log.disk.contents[Self.spare] = [1]
        // HEAD is looked for first.
        log.disk.failure = .init(call: .open, successCount: 1, number: ENOENT)
        let directory = try log.directory()
        #expect(log.disk.hasFailed && directory.segments.isEmpty && directory.damage.isEmpty)
        #expect(directory.unused == [SegmentName(segment: 4).spareFileName])
    }

    @Test("A directory of segments that cannot be listed is reported")
    func unlisted() {
        let files = SimulatedDisk(directories: ["store"]).fileSystem
        #expect {
            try LogDirectory("store", files: files, access: .read)
        } throws: {
            guard case LogError.io(let error) = $0 else { return false }
            return error.path == "store/seg"
        }
    }
}
