import FluxFiles
import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

@Suite("Damage below what was promised")
struct DamageTests {
    private static let options = LogOptions(frameByteCountTarget: 400)

    /// A log of three segments, the last one not sealed, with two batches in each.
    private func written() throws -> TestLog {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        for seed in 1...6 as ClosedRange<UInt64> {
            try log.append(Sample.execution(seed: seed, eventCount: 2, payloadByteCountMax: 80), to: writer)
            if seed == 2 || seed == 4 { try writer.roll() }
        }
        writer.background.runAll()
        return log
    }

    private func refuses(_ log: TestLog, _ comment: Comment, where isExpected: (LogError) -> Bool) {
        let before = log.disk.contents
        do {
            _ = try log.open()
            Issue.record(comment)
        } catch {
            #expect(isExpected(error), "\(error)")
        }
        #expect(log.disk.contents == before, comment)
    }

    @Test("A flip at every byte of an earlier batch of the active segment is reported, and no file is changed")
    func flippedEarlierBatch() throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        var ends: [Int] = []
        for seed in 1...3 as ClosedRange<UInt64> {
            try log.append(Sample.execution(seed: seed, eventCount: 3, payloadByteCountMax: 120), to: writer)
            ends.append(writer.durableEnd.offset)
        }
        for offset in 4096..<ends[1] {
            let flipped = TestLog(disk: log.disk.copy, options: Self.options)
            flipped.disk.contents[TestLog.path(1)]?[offset] ^= 0x10
            refuses(flipped, "flip at \(offset)") {
                guard case .lost(TestLog.path(1), let place, _, _) = $0 else { return false }
                return place <= offset
            }
            let seen = try flipped.read()
            #expect(seen.events.count == (offset < ends[0] ? 0 : 1))
            guard case .damaged(_, let promised) = seen.rest else {
                Issue.record("flip at \(offset): \(seen.rest)")
                continue
            }
            #expect(promised.end == Position(segment: 1, offset: ends[1]))
        }
    }

    @Test(
        "A flip at every byte of a segment's header is reported, and no file is changed", arguments: [1, 3] as [UInt32])
    func flippedHeader(segment: UInt32) throws {
        let log = try written()
        for offset in 0..<4096 {
            let flipped = TestLog(disk: log.disk.copy, options: Self.options)
            flipped.disk.contents[TestLog.path(segment)]?[offset] ^= 0x10
            refuses(flipped, "flip at \(offset)") {
                switch $0 {
                case .damaged(TestLog.path(segment), 0, _), .unsupported(TestLog.path(segment), _): true
                default: false
                }
            }
        }
    }

    @Test("A flip in a sealed segment is met by the scan, where it lies")
    func flippedSealedSegment() throws {
        let log = try written()
        let segment = try #require(try log.segments().first)
        for offset in 4096..<segment.framesEnd {
            let disk = log.disk.copy
            disk.contents[TestLog.path(1)]?[offset] ^= 0x10
            var scan = SegmentScan<MemoryFile>()
            scan.begin(
                try MemoryFileSystem(disk: disk).open(TestLog.path(1), .read), segment: segment.header,
                end: segment.framesEnd)
            #expect(throws: LogError.self, "flip at \(offset)") {
                while try scan.next() != nil {}
            }
        }
    }

    @Test("A segment that is missing, the first one included, is reported", arguments: [1, 2] as [UInt32])
    func missingSegment(segment: UInt32) throws {
        let log = try written()
        log.disk.contents[TestLog.path(segment)] = nil
        refuses(log, "segment \(segment) missing") {
            guard case .broken(TestLog.path(segment + 1), let reason) = $0 else { return false }
            return reason.contains("missing")
        }
    }

    @Test("A segment under another number, or of another store, is reported")
    func strangers() throws {
        let log = try written()
        let renamed = TestLog(disk: log.disk.copy)
        renamed.disk.contents[TestLog.path(4)] = renamed.disk.contents[TestLog.path(3)]
        refuses(renamed, "copied") {
            guard case .broken(TestLog.path(4), _) = $0 else { return false }
            return true
        }
        let other = try written()
        log.disk.contents[TestLog.path(3)] = other.disk.contents[TestLog.path(3)]
        refuses(log, "of another store") { $0 == .broken(path: TestLog.path(3), reason: "belongs to another store") }
    }

    @Test(
        "Files that no writer names so are left alone",
        arguments: [
            "notes.txt", "+0000009.0000.rpl", "0000000A.0000.rpl", "00000000.0000.rpl", "ffffffff.0000.rpl",
            "00000009.0000.rpl.old", "00000009.rpl", "00000009.0000.RPL",
        ])
    func foreignFiles(name: String) throws {
        let log = try written()
        log.disk.contents["store/seg/\(name)"] = [1, 2, 3]
        let opened = try log.open()
        #expect(opened.recovery == nil)
        #expect(try log.read().events.count == 6)
    }

    @Test("Of several generations the highest counts that is whole; without one the segment is damaged")
    func generations() throws {
        let log = try written()
        let later = String(TestLog.path(3).dropLast("0000.rpl".count)) + "0001.rpl"
        var header = try #require(try log.segments().last).header
        header.generation = 1
        for bytes in [header.encoded, [], [1, 2, 3], [UInt8](repeating: 0, count: 8192)] {
            let unfinished = TestLog(disk: log.disk.copy)
            unfinished.disk.contents[later] = bytes
            #expect(try unfinished.read().events.count == 6)
            unfinished.disk.contents[TestLog.path(3)] = nil
            refuses(unfinished, "a generation that is not whole") {
                switch $0 {
                case .damaged(later, 0, _), .broken(later, _): true
                default: false
                }
            }
        }
    }

    @Test(
        "A file without a header hides no spare that has one",
        arguments: [[], [1, 2, 3], [UInt8](repeating: 0, count: 8192)])
    func hiddenSpare(header: [UInt8]) throws {
        let log = try written()
        let path = TestLog.path(3)
        log.disk.contents["\(path).next"] = log.disk.contents[path]
        log.disk.contents[path] = header
        refuses(log, "a spare with batches") { if case .damaged(path, 0, _) = $0 { true } else { false } }
        log.disk.contents[path] = nil
        #expect(try log.read().events.count == 6)
    }

    @Test("A segment of a later version, or with features for writers, is not opened for writing")
    func laterVersions() throws {
        let log = try written()
        let later = TestLog(disk: log.disk.copy)
        later.disk.contents[TestLog.path(3)]?[8] = 2
        refuses(later, "major 2") {
            $0 == .unsupported(path: TestLog.path(3), .unsupportedVersion(major: 2, minor: 0))
        }
        let segment = try #require(try log.segments().last)
        var header = segment.header
        header.writerFeatures = 2
        log.disk.contents[TestLog.path(3)]?.replaceSubrange(0..<4096, with: header.encoded)
        refuses(log, "features") { $0 == .unsupported(path: TestLog.path(3), .unsupportedFeatures(2)) }
        #expect(try log.read().events.count == 6)
    }

    @Test("A segment that goes on from another end is reported")
    func otherChain() throws {
        let log = try written()
        var header = try #require(try log.segments().last).header
        header.previousLastFrameHash ^= 1
        log.disk.contents[TestLog.path(3)]?.replaceSubrange(0..<4096, with: header.encoded)
        refuses(log, "chain") {
            $0 == .broken(path: TestLog.path(3), reason: "does not continue \(SegmentName(segment: 2).fileName)")
        }
    }

    @Test("A last segment that is missing is reported where HEAD knows of it")
    func missingLastSegment() throws {
        let log = try written()
        log.disk.contents[TestLog.path(3)] = nil
        refuses(log, "last segment missing") {
            guard case .broken("store/seg", let reason) = $0 else { return false }
            return reason.hasSuffix("files are missing")
        }
    }

    @Test(
        "A frame that verifies and does not fit to the batches beside it is damage, and lost to a walk",
        arguments: [[], .batchLast] as [FrameFlags])
    func wrongBatchFlags(flags: FrameFlags) throws {
        let log = TestLog()
        let writer = try log.open().writer
        try log.append(Sample.execution(seed: 1, eventCount: 1), to: writer)
        let end = writer.durableEnd
        try log.appendMetadata([], flags: flags, to: writer)
        refuses(log, "flags") {
            $0
                == .lost(
                    path: TestLog.path(1), offset: end.offset, promisedEnd: writer.durableEnd,
                    .invalidField("batch flags"))
        }
        let lost = try #require(try log.walk().lost.first)
        #expect(lost.start == end.offset && lost.executions == [ExecutionID(high: 1, low: 2)])
    }

    @Test("A last batch whose hashes verify and whose META cannot be read is not taken for torn")
    func unreadableMetadata() throws {
        let log = TestLog()
        let writer = try log.open().writer
        let first = try log.append(Sample.execution(seed: 1, eventCount: 1), to: writer)[0]
        var fields = FieldList()
        fields.append(5, number: 9)
        try log.appendMetadata(
            fields.bytes, flags: [.batchFirst, .batchLast, .executionFirst, .executionLast], to: writer)
        let end = 4096 + first.header.frameByteCount
        let (found, lost) = try log.walk()
        #expect(found == [1] && lost.count == 1)
        #expect(lost.first?.reason == .damaged(path: TestLog.path(1), offset: end, .invalidField("status 9")))
        refuses(log, "status 9") {
            $0
                == .lost(
                    path: TestLog.path(1), offset: end, promisedEnd: writer.durableEnd, .invalidField("status 9"))
        }
        #expect(try log.read().events.count == 1)
    }

    @Test("A trailer that tells of another segment is none")
    func foreignTrailer() throws {
        let log = TestLog()
        let writer = try log.open().writer
        try log.append(Sample.execution(seed: 1, eventCount: 1), to: writer)
        try writer.roll()
        writer.background.runAll()
        let segment = try #require(try log.segments().first)
        let trailer = try #require(segment.trailer)
        let changes: [(inout SegmentTrailer) -> Void] = [
            { $0.firstFrameSequence = .max }, { $0.sealPosition = Position(segment: 2, offset: 5000) },
            { $0.sealPosition = .zero }, { $0.sealPosition = Position(segment: 1, offset: Int(UInt32.max)) },
        ]
        for change in changes {
            var changed = trailer
            change(&changed)
            let disk = log.disk.copy
            disk.contents[TestLog.path(1)]?.replaceSubrange(
                segment.framesEnd..., with: changed.encoded(segmentSalt: segment.header.segmentSalt))
            let opened = try TestLog(disk: disk).open()
            #expect(opened.recovery != nil)
            #expect(try TestLog(disk: disk).read().events.count == 1)
        }
    }
}
