import FluxFiles
import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

@Suite("Rolling and sealing")
struct SealTests {
    private static let options = LogOptions(segmentByteCountMax: 24 << 10, frameByteCountTarget: 2000)

    private func rolled() throws -> (log: TestLog, executions: [Execution]) {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        let executions = (1...14).map { Sample.execution(seed: $0, eventCount: 12) }
        for execution in executions { try log.append(execution, to: writer) }
        try writer.roll()
        writer.background.runAll()
        return (log, executions)
    }

    @Test("Each segment goes on where the one before ends, and is no larger than the options say")
    func chain() throws {
        let (log, executions) = try rolled()
        let directory = try log.directory()
        #expect(directory.damage.isEmpty && directory.segments.count > 3)
        for (segment, next) in zip(directory.segments, directory.segments.dropFirst()) {
            let trailer = try #require(segment.trailer)
            #expect(next.header.previousEnd == segment.end)
            #expect(next.header.previousLastFrameHash == trailer.lastFrameHash)
            #expect(next.header.firstFrameSequence == trailer.firstFrameSequence + UInt64(trailer.frameCount))
        }
        for segment in directory.segments { #expect(segment.byteCount <= Self.options.segmentByteCountMax) }
        let reading = try log.read()
        for execution in executions { #expect(reading.events[execution.id] == execution.events) }
    }

    @Test("A start of 0 is none, wherever it stands among others", arguments: [[0, 5, 9], [5, 0, 9], [9, 5, 0]])
    func startOfZero(starts: [UInt64]) throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        for (seed, start) in starts.enumerated() {
            var execution = Sample.execution(seed: UInt64(seed), eventCount: 1)
            execution.metadata.startedAt = start
            try log.append(execution, to: writer)
        }
        try writer.roll()
        writer.background.runAll()
        let trailer = try #require(try log.segments().first?.trailer)
        #expect(trailer.wallFirst == 5 && trailer.wallLast == 9)
    }

    @Test("A seal tells of every frame, execution and META of its segment")
    func contents() throws {
        let (log, executions) = try rolled()
        let wall = Dictionary(uniqueKeysWithValues: executions.map { ($0.id, $0.metadata.startedAt ?? 0) })
        for segment in try log.segments() {
            let trailer = try #require(segment.trailer)
            let seal = try SegmentSeal(
                reading: segment.file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
            var scan = segment.scan()
            var frames: [ScannedFrame] = []
            var sealFrames: [ScannedFrame] = []
            while let frame = try scan.next() {
                if frame.header.frameKind == .seal { sealFrames.append(frame) } else { frames.append(frame) }
            }
            #expect(sealFrames.first?.position == trailer.sealPosition)
            #expect(sealFrames.map(\.header.eventCount) == [1, 2, 3, 4, 5])
            #expect(sealFrames.allSatisfy { $0.header.firstEvent == 0 && $0.header.executionID == .none })
            #expect(sealFrames.first?.header.flags == .batchFirst && sealFrames.last?.header.flags == .batchLast)
            #expect(trailer.lastFrameHash == sealFrames.last?.header.headerHash)
            #expect(trailer.frameCount == UInt32(frames.count + sealFrames.count))
            let ids = Set(frames.map(\.header.executionID)).sorted()
            #expect(seal.executions.map(\.id) == ids && trailer.executionCount == UInt32(ids.count))
            #expect(ids.allSatisfy(seal.filter.mayContain))
            #expect(trailer.wallFirst == ids.compactMap { wall[$0] }.min())
            #expect(trailer.wallLast == ids.compactMap { wall[$0] }.max())
            #expect(seal.frames.count == frames.count)
            for (entry, frame) in zip(seal.frames, frames) {
                var expected = SealedFrame(
                    frame.header, offset: frame.position.offset,
                    firstFrameSequence: segment.header.firstFrameSequence)
                expected.executionOrdinal = UInt32(try #require(ids.firstIndex(of: frame.header.executionID)))
                #expect(entry == expected)
            }
            for execution in seal.executions {
                let places = frames.indices.filter { frames[$0].header.executionID == execution.id }
                #expect(Int(execution.firstFrameIndex) == places.first && Int(execution.frameCount) == places.count)
            }
            for record in seal.records {
                #expect(frames[Int(record.frameIndex)].header.executionID == record.id && record.kind == 1)
                let metadata = try ExecutionMetadata(parsing: record.bytes.rawSpan)
                #expect(metadata.startedAt == wall[record.id] && metadata.eventCount == 12)
            }
            #expect(seal.records.count == ids.count)
        }
    }

    @Test("The statistics of a seal are those of the page")
    func statistics() throws {
        let log = TestLog()
        let writer = try log.open().writer
        let execution = Sample.execution(seed: 3, eventCount: 6)
        let frames = try log.append(execution, to: writer)
        try writer.roll()
        writer.background.runAll()
        let segment = try #require(try log.segments().first)
        var scan = segment.scan()
        var bytes: [UInt8] = []
        while let frame = try scan.next() {
            guard frame.header.frameKind == .seal, frame.header.eventCount == 5 else { continue }
            bytes = try SealPart.decode(frame.header, payload: scan.payload)
        }
        var expected: [UInt8] = []
        for number in [execution.metadata.startedAt ?? 0, execution.metadata.startedAt ?? 0] {
            expected.append(littleEndian: number)
        }
        expected.append(littleEndian: UInt32(1))
        expected.append(littleEndian: UInt32(4))
        expected.append(littleEndian: UInt64(0))
        expected.append(littleEndian: UInt64(frames.reduce(0) { $0 + $1.header.frameByteCount }))
        for (kind, count) in [(16, 2), (21, 1), (23, 2), (25, 1)] as [(UInt64, UInt64)] {
            expected.append(littleEndian: kind)
            expected.append(littleEndian: count)
        }
        #expect(bytes == expected)
    }

    @Test("A section over a mebibyte stands in several frames")
    func parts() throws {
        let log = TestLog()
        let writer = try log.open().writer
        // Fields of 30 KB that differ, so that their copies do not fit into one frame.
        let executions = (1...40 as ClosedRange<UInt64>).map { seed in
            var execution = Sample.execution(seed: seed, eventCount: 1)
            execution.metadata.tags = ["note": String(repeating: "\(seed)", count: 15_000)]
            return execution
        }
        for execution in executions { try log.append(execution, to: writer) }
        try writer.roll()
        writer.background.runAll()
        let sections = try log.read().frames.filter { $0.header.frameKind == .seal }.map(\.header)
        #expect(sections.map(\.eventCount) == [1, 2, 3, 3, 4, 5])
        #expect(sections.map(\.firstEvent) == [0, 0, 0, 1, 0, 0])
        #expect(sections.allSatisfy { $0.rawByteCount <= 1 << 20 })
        let segment = try #require(try log.segments().first)
        let seal = try SegmentSeal(
            reading: segment.file, segment: segment.header, trailer: try #require(segment.trailer),
            end: segment.framesEnd)
        #expect(Set(seal.records.map(\.id)) == Set(executions.map(\.id)))
    }

    @Test("A flip in a seal is damage to whoever reads it, and named with its place")
    func flippedSeal() throws {
        let (log, _) = try rolled()
        let segment = try #require(try log.segments().first)
        let trailer = try #require(segment.trailer)
        let path = TestLog.path(1)
        for offset in trailer.sealPosition.offset..<segment.framesEnd {
            let disk = log.disk.copy
            disk.contents[path]?[offset] ^= 0x20
            let file = try MemoryFileSystem(disk: disk).open(path, .read)
            do {
                _ = try SegmentSeal(reading: file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
                Issue.record("a flip at \(offset) was not seen")
            } catch {
                guard case .damaged(path, let place, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(place >= trailer.sealPosition.offset && place <= offset)
            }
        }
    }

    @Test("A flip in the trailer of a segment that is followed is damage")
    func flippedTrailer() throws {
        let (log, _) = try rolled()
        let end = try #require(log.disk.contents[TestLog.path(1)]).count
        for offset in end - 64..<end {
            let flipped = TestLog(disk: log.disk.copy, options: Self.options)
            flipped.disk.contents[TestLog.path(1)]?[offset] ^= 0x01
            let before = flipped.disk.contents
            #expect {
                try flipped.open()
            } throws: {
                guard case LogError.broken(TestLog.path(1), _) = $0 else { return false }
                return true
            }
            #expect(flipped.disk.contents == before)
        }
    }

    @Test("A seal that was not finished, cut at every byte, is made again, and nothing of the segment is lost")
    func interruptedSeal() throws {
        let log = TestLog()
        let writer = try log.open().writer
        let execution = Sample.execution(seed: 3, eventCount: 2, payloadByteCountMax: 40)
        try log.append(execution, to: writer)
        let end = writer.durableEnd.offset
        try writer.roll()
        writer.background.runAll()
        let whole = try #require(log.disk.contents[TestLog.path(1)])
        for byteCount in end..<whole.count {
            let cut = TestLog(disk: log.disk.copy)
            cut.disk.contents[TestLog.path(1)] = Array(whole.prefix(byteCount))
            let opened = try cut.open()
            #expect((opened.recovery == nil) == (byteCount == end))
            let later = Sample.execution(seed: 4, eventCount: 1)
            try cut.append(later, to: opened.writer)
            let reading = try cut.read()
            #expect(reading.events[execution.id] == execution.events)
            #expect(reading.events[later.id] == later.events)
        }
    }
}
