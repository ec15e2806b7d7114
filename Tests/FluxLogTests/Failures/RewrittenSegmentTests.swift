import FluxFiles
import FluxFormat
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@testable import FluxLog

@Suite("Segments that were written anew, and are damaged or forged")
struct RewrittenSegmentTests {
    private let log = TestLog(options: LogOptions(segmentByteCountMax: 12 << 10, frameByteCountTarget: 2000))
    private let executions = (1...8).map { Sample.execution(seed: $0, eventCount: 5) }
    private static let path = "store/seg/00000001.0001.rpl"

    /// A closed log of which the first segment has a second generation beside the first.
    private func write() throws {
        let writer = try log.open().writer
        for execution in executions { try log.append(execution, to: writer) }
        try writer.beginNextSegment()
        writer.background.runAll()
        let segment = try #require(try log.sealed(0))
        _ = try SegmentRewrite.run(
            segment, in: "store/seg", files: log.files, dropping: [executions[0].id], salt: 99)
        try writer.close()
    }

    private var firstName: SegmentName? { get throws { try log.directory().segments.first?.name } }

    /// Gives the first segment another trailer, with a hash that holds.
    private func forge(_ path: String, _ change: (inout SegmentTrailer) -> Void) throws {
        let bytes = try #require(log.disk.contents[path])
        let header = try SegmentHeader(parsing: bytes.rawSpan)
        let last = Array(bytes.suffix(SegmentTrailer.byteCount))
        var trailer = try SegmentTrailer(parsing: last.rawSpan, segmentSalt: header.segmentSalt)
        change(&trailer)
        log.disk.contents[path] =
            bytes.dropLast(SegmentTrailer.byteCount) + trailer.encoded(segmentSalt: header.segmentSalt)
    }

    /// Gives a segment another header, with a hash that holds.
    private func forge(_ path: String, _ change: (inout SegmentHeader) -> Void) throws {
        let bytes = try #require(log.disk.contents[path])
        var header = try SegmentHeader(parsing: bytes.rawSpan)
        change(&header)
        log.disk.contents[path] = header.encoded + bytes.dropFirst(SegmentHeader.byteCount)
    }

    @Test("One that is cut short is no generation: the one before counts, and without that the log is damaged")
    func cut() throws {
        try write()
        let whole = log.disk.contents
        let bytes = try #require(whole[Self.path])
        #expect(try firstName?.generation == 1)
        let cuts = [0, 1, 4095, 4096, 4097, bytes.count - 65] + Array(bytes.count - 64..<bytes.count)
        for byteCount in cuts {
            log.disk.contents = whole
            log.disk.contents[Self.path] = Array(bytes.prefix(byteCount))
            let directory = try log.directory()
            #expect(directory.damage.isEmpty && directory.segments.first?.name.generation == 0, "\(byteCount)")
            #expect(directory.superseded.map(\.generation) == [1])
            log.disk.contents[TestLog.path(1)] = nil
            #expect(throws: LogError.self, "\(byteCount)") { try log.open() }
            guard byteCount >= SegmentHeader.byteCount else { continue }
            #expect(
                try log.directory().damage.contains(
                    .broken(path: Self.path, reason: "was written anew and has lost its end")), "\(byteCount)")
        }
    }

    @Test("Where all generations are damaged the highest is named")
    func allDamaged() throws {
        try write()
        for path in [Self.path, TestLog.path(1)] { log.disk.contents[path]?[20] ^= 1 }
        let directory = try log.directory()
        guard case .damaged(Self.path, 0, .hashMismatch(.segmentHeader, _, _)) = try #require(directory.damage.first)
        else {
            Issue.record("\(directory.damage)")
            return
        }
    }

    @Test("A header of another generation than its name has is refused, and the generation before counts")
    func otherGeneration() throws {
        try write()
        try forge(Self.path) { (header: inout SegmentHeader) in header.generation = 2 }
        #expect(try firstName?.generation == 0)
    }

    @Test("A feature that is not known makes the log unreadable, and the older generation is not taken for it")
    func unknownFeature() throws {
        try write()
        try forge(Self.path) { (header: inout SegmentHeader) in header.readerFeatures |= 1 << 7 }
        #expect(throws: LogError.unsupported(path: Self.path, .unsupportedFeatures(1 << 7))) { try log.directory() }
        let before = log.disk.contents
        #expect(throws: LogError.self) { try log.open() }
        #expect(log.disk.contents == before)
    }

    @Test("A segment whose trailer tells of other frames than there are is not written anew", arguments: [0, 1, 200])
    func falseTrailer(frameCount: UInt32) throws {
        try write()
        for (path, generation) in [(TestLog.path(1), 0), (Self.path, 1)] as [(String, UInt32)] {
            let whole = log.disk.contents
            if generation == 0 { log.disk.contents[Self.path] = nil }
            try forge(path) { (trailer: inout SegmentTrailer) in trailer.frameCount = frameCount }
            let before = log.disk.contents
            let segment = try #require(try log.sealed(generation))
            #expect(
                throws: LogError.damaged(
                    path: path, offset: segment.framesEnd, .invalidField("\(frameCount) frames in the trailer"))
            ) { try SegmentRewrite.run(segment, in: "store/seg", files: log.files, dropping: [], salt: 5) }
            #expect(log.disk.contents == before)
            log.disk.contents = whole
        }
    }

    @Test("A segment with metadata that cannot be read is not written anew, and the frame is named")
    func unreadableMetadata() throws {
        let writer = try log.open().writer
        try log.appendMetadata([1, 2, 3], flags: [.batchFirst, .batchLast, .executionFirst], to: writer)
        try writer.beginNextSegment()
        writer.background.runAll()
        let before = log.disk.contents
        let segment = try #require(try log.sealed(0))
        #expect {
            try SegmentRewrite.run(segment, in: "store/seg", files: log.files, dropping: [], salt: 5)
        } throws: {
            guard case LogError.damaged(TestLog.path(1), SegmentHeader.byteCount, _) = $0 else { return false }
            return true
        }
        #expect(log.disk.contents == before)
    }

    @Test("A damaged seal is not carried over into another generation")
    func damagedSeal() throws {
        try write()
        let seal = try #require(try log.sealed(1)?.trailer?.sealPosition.offset)
        log.disk.contents[Self.path]?[seal + FrameHeader.byteCount] ^= 1
        let segment = try #require(try log.sealed(1))
        let before = log.disk.contents
        #expect(throws: LogError.self) {
            try SegmentRewrite.run(segment, in: "store/seg", files: log.files, dropping: [], salt: 5)
        }
        #expect(log.disk.contents == before)
    }
}

@Suite("Writing a segment anew on a disk that fails")
struct FailedRewriteTests {
    private static let dropped = Sample.execution(seed: 2, eventCount: 0).id

    /// A sealed segment of batches of which one is more than a write takes.
    private func written() throws -> (disk: SimulatedDisk, segment: SegmentFile<SimulatedFile>) {
        let disk = SimulatedDisk(directories: ["store/seg"])
        disk.canAllocate = false
        let writer = try LogWriter.open("store", files: disk.fileSystem, options: LogOptions(), now: { 1 }).writer
        for seed in 1...3 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var execution = Sample.execution(seed: seed, eventCount: 6)
            for index in execution.events.indices where seed == 3 {
                execution.events[index].payload = (0..<100_000).flatMap { _ in
                    withUnsafeBytes(of: generator.next()) { Array($0) }
                }
            }
            var encoder = try BatchEncoder(
                execution, encoder: FrameEncoder(storeSalt: writer.storeSalt), frameByteCountTarget: 1 << 20)
            while let batch = encoder.next() { _ = try writer.write([batch]) }
            try writer.sync()
        }
        try writer.beginNextSegment()
        writer.background.runAll()
        let directory = try LogDirectory("store", files: disk.fileSystem, access: .read)
        let listed = try #require(directory.segments.first)
        let file = try SegmentFile(
            opening: listed.name, in: directory.segmentDirectory, files: disk.fileSystem, access: .read)
        return (disk, try #require(try file.sealed(endingAt: listed.end.offset)))
    }

    @Test("Every call that fails is told, and the log is as it was: the generation before counts, or the whole next")
    func everyCall() throws {
        let (disk, segment) = try written()
        for number in [EIO, ENOSPC] {
            for kind in [Operation.Kind.create, .truncate, .write, .sync, .rename, .syncDirectory, .read]
            where kind != .read || number == EIO {
                for count in 0... {
                    let copy = disk.copy
                    let file = SegmentFile(
                        name: segment.name, file: try copy.fileSystem.open(segment.file.path, .read),
                        header: segment.header, trailer: segment.trailer, byteCount: segment.byteCount)
                    copy.faults = [Fault([kind], after: count, .error(number))]
                    do throws(LogError) {
                        _ = try SegmentRewrite.run(
                            file, in: "store/seg", files: copy.fileSystem, dropping: [Self.dropped], salt: 5)
                    } catch {
                        switch error {
                        case .noSpace: #expect(number == ENOSPC)
                        case .io(let cause): #expect(cause.number == number)
                        default: Issue.record("\(kind) \(count): \(error)")
                        }
                    }
                    guard copy.faultCount == 1 else { break }
                    copy.faults = []
                    let directory = try LogDirectory("store", files: copy.fileSystem, access: .read)
                    #expect(directory.damage.isEmpty)
                    let generation = directory.segments.first?.name.generation
                    #expect(generation == (kind == .syncDirectory ? 1 : 0), "\(kind) \(count)")
                }
            }
        }
    }
}
