import FluxFiles
import FluxFormat
import Glibc
import TestSupport
import Testing

@testable import FluxLog

@Suite("Scan of a segment")
struct SegmentScanTests {
    /// A segment of one frame, whose sequences someone chose.
    private func segment(first: UInt64, sequence: UInt64, generation: UInt32, kind: UInt8 = 1) throws -> MemoryDisk {
        var header = SegmentHeader(
            storeID: StoreID(high: 1, low: 2), segment: 1, segmentSalt: 3, storeSalt: 4, previousEnd: .zero,
            previousLastFrameHash: 5, firstFrameSequence: first, createdAt: 6, writerEpoch: 7)
        header.generation = generation
        var encoder = try BatchEncoder(
            Sample.execution(seed: 1, eventCount: 1), encoder: FrameEncoder(storeSalt: 4), frameByteCountTarget: 4096)
        let batch = encoder.next()
        var frame = try #require(batch?.frames.first)
        frame.header.kind = kind
        frame.header.frameSequence = sequence
        frame.header.previousFrameHash = 5
        if kind != 1 {
            frame.header.payloadHash = XXH3.hash(frame.payload.rawSpan, seed: 4)
            frame.header.executionID = .none
        }
        let position = Position(segment: 1, offset: 4096)
        let disk = MemoryDisk()
        disk.contents["segment"] =
            header.encoded + frame.header.encoded(at: position, segmentSalt: 3).bytes + frame.payload
        return disk
    }

    private func scan(_ disk: MemoryDisk) throws -> [UInt64] {
        let file = try MemoryFileSystem(disk: disk).open("segment", .read)
        let bytes = try file.read(byteCount: 4096, at: 0)
        let header = try SegmentHeader(parsing: bytes.rawSpan)
        let end = try file.byteCount()
        var scan = SegmentScan<MemoryFile>()
        scan.begin(file, segment: header, end: end)
        var sequences: [UInt64] = []
        while let frame = try scan.next() { sequences.append(frame.header.frameSequence) }
        return sequences
    }

    @Test("A sequence that leaves a gap is refused, but in a segment that was rewritten")
    func gaps() throws {
        #expect(try scan(segment(first: 9, sequence: 9, generation: 0)) == [9])
        #expect(throws: LogError.self) { try scan(segment(first: 9, sequence: 10, generation: 0)) }
        #expect(throws: LogError.self) { try scan(segment(first: 9, sequence: 8, generation: 1)) }
        #expect(try scan(segment(first: 9, sequence: 500, generation: 1)) == [500])
    }

    @Test("Sequences at the end of their range are refused, and nothing overflows")
    func greatestSequences() throws {
        #expect(throws: LogError.self) { try scan(segment(first: 9, sequence: .max, generation: 1)) }
        #expect(throws: LogError.self) {
            try scan(segment(first: 9, sequence: 9 + UInt64(UInt32.max), generation: 1))
        }
        #expect(try scan(segment(first: 1 << 62, sequence: 1 << 62, generation: 0)) == [1 << 62])
        #expect(throws: FormatError.invalidField("first frame sequence of a segment")) {
            try scan(segment(first: .max, sequence: .max, generation: 0))
        }
    }

    @Test("A frame of a kind that may be skipped is kept in the active segment, its batch with it")
    func skippableKind() throws {
        let log = TestLog()
        log.disk.contents[TestLog.path(1)] = try segment(first: 1, sequence: 1, generation: 0, kind: 0x91)
            .contents["segment"]
        let opened = try log.open()
        #expect(opened.recovery == nil)
        try opened.writer.roll()
        let file = try #require(try log.segments().first)
        let seal = try SegmentSeal(
            reading: file.file, segment: file.header, trailer: try #require(file.trailer), end: file.framesEnd)
        #expect(seal.frames.map(\.kind) == [0x91] && seal.executions.isEmpty)
        #expect(seal.frames.map(\.executionOrdinal) == [.max])
    }

    @Test("A read that fails is reported as one, and the scan goes on where it stood")
    func failedRead() throws {
        let log = TestLog()
        let writer = try log.open().writer
        var generator = SeededGenerator(seed: 1)
        let noise = (0..<900 << 10).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        var execution = Sample.execution(seed: 1, eventCount: 0)
        // A small frame, then one that does not fit into what is read at once: what is kept of it moves over itself.
        execution.events = (0..<6 as Range<UInt32>).map {
            let payload = $0.isMultiple(of: 2) ? Array(noise.prefix(150 << 10)) : noise
            return Event(kind: .http, sequence: $0, payload: payload)
        }
        let frameCount = try log.append(execution, to: writer).count
        try writer.close()
        let segment = try #require(try log.segments().first)
        for failing in 0..<3 {
            var scan = segment.scan()
            log.disk.failure = .init(call: .read, successCount: failing, number: EIO)
            var count = 0
            var failures = 0
            while true {
                do throws(LogError) {
                    guard try scan.next() != nil else { break }
                    count += 1
                } catch {
                    guard case .io = error else { throw error }
                    failures += 1
                }
            }
            #expect(count == frameCount && failures == 1)
        }
    }

    @Test("A file that ends before the scan does is reported where it ends")
    func cutFile() throws {
        let disk = try segment(first: 1, sequence: 1, generation: 0)
        let bytes = try #require(disk.contents["segment"])
        let header = try SegmentHeader(parsing: bytes.rawSpan)
        disk.contents["segment"] = bytes.dropLast(8)
        var scan = SegmentScan<MemoryFile>()
        scan.begin(try MemoryFileSystem(disk: disk).open("segment", .read), segment: header, end: bytes.count)
        let needed = bytes.count - 4096
        #expect(
            throws: LogError.damaged(
                path: "segment", offset: 4096, .truncated(needed: needed, available: needed - 8))
        ) { while try scan.next() != nil {} }
    }

    @Test("A buffer keeps what it is told to keep, and is overwritten when it is voided")
    func buffer() {
        var buffer = ByteBuffer()
        #expect(buffer.capacity == 0)
        buffer.reserve(4)
        buffer.withMutableBytes(0..<4) { $0.copyBytes(from: [1, 2, 3, 4] as [UInt8]) }
        buffer.reserve(100, keeping: 4)
        let kept = buffer.span(0..<4).array
        #expect(kept == [1, 2, 3, 4])
        buffer.moveToFront(2..<4)
        let moved = buffer.span(0..<2).array
        #expect(moved == [3, 4])
        buffer.scribble()
        let scribbled = buffer.span(0..<4).array
        #if DEBUG
            #expect(scribbled == [0xDB, 0xDB, 0xDB, 0xDB])
        #else
            #expect(scribbled == [3, 4, 3, 4])
        #endif
    }
}
