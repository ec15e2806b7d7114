import FluxFiles
import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

@Suite("Walking past damage")
struct BatchWalkTests {
    private let log = TestLog()
    /// The frames of each batch, in order.
    private let batches: [[ScannedFrame]]

    init() throws {
        let writer = try log.open().writer
        let log = log
        batches = try (0..<8).map { seed in
            try log.append(Sample.execution(seed: seed, eventCount: 6, payloadByteCountMax: 300), to: writer)
        }
        try writer.close()
    }

    @Test("A whole segment is all of its batches")
    func whole() throws {
        let (found, lost) = try log.walk()
        #expect(found == batches.map { $0[0].header.frameSequence } && lost.isEmpty)
    }

    @Test("A flip at any byte loses its batch alone, and its place and number of frames are told")
    func flipped() throws {
        let path = TestLog.path(1)
        let end = try #require(batches.last?.last).position.offset + 96
        for offset in stride(from: SegmentHeader.byteCount, to: end, by: 7) {
            let damaged = TestLog(disk: log.disk.copy)
            damaged.disk.contents[path]?[offset] ^= 0x10
            let hit = try #require(batches.lastIndex { $0[0].position.offset <= offset })
            let (found, lost) = try damaged.walk()
            let expected = batches.map { $0[0].header.frameSequence }
            #expect(found == expected.enumerated().filter { $0.offset != hit }.map(\.element))
            let range = try #require(lost.first)
            #expect(lost.count == 1 && range.start == batches[hit][0].position.offset, "flip at \(offset)")
            if hit < batches.count - 1 {
                #expect(range.end == batches[hit + 1][0].position.offset, "flip at \(offset)")
                #expect(range.frameCount == UInt64(batches[hit].count), "flip at \(offset)")
            } else {
                #expect(range.isAtEnd && range.frameCount == nil)
            }
        }
    }

    @Test("A batch is lost whole where one of its frames is, and its execution is named by the others")
    func wholeBatch() throws {
        var options = LogOptions()
        options.frameByteCountTarget = 4 << 10
        let other = TestLog(options: options)
        let writer = try other.open().writer
        let large = Sample.execution(seed: 1, eventCount: 40)
        let frames = try other.append(large, to: writer)
        let small = try other.append(Sample.execution(seed: 2, eventCount: 1), to: writer)
        try writer.close()
        try #require(frames.count > 4)
        let path = TestLog.path(1)
        other.disk.contents[path]?[frames[2].position.offset + 100] ^= 1
        let (found, lost) = try other.walk()
        #expect(found == [small[0].header.frameSequence] && lost.count == 1)
        #expect(lost.first?.executions == [large.id] && lost.first?.frameCount == UInt64(frames.count))
        #expect(lost.first?.start == frames[0].position.offset && lost.first?.end == small[0].position.offset)
    }

    @Test("Frames of two executions are no batch")
    func mixedBatch() throws {
        var options = LogOptions()
        options.frameByteCountTarget = 4 << 10
        let mixed = TestLog(options: options)
        let writer = try mixed.open().writer
        let whole = try mixed.append(Sample.execution(seed: 1, eventCount: 20), to: writer)
        var encoder = try BatchEncoder(
            Sample.execution(seed: 2, eventCount: 20), encoder: FrameEncoder(storeSalt: writer.storeSalt),
            frameByteCountTarget: 4 << 10)
        let next = encoder.next()
        let one = try #require(next)
        var frames = one.frames
        try #require(frames.count > 2)
        frames[1].header.executionID = Sample.execution(seed: 3, eventCount: 1).id
        let batch = EncodedBatch(
            executionID: one.executionID, frames: frames, firstEvent: 0, eventCount: one.eventCount, isLast: true)
        let written = try writer.write([batch])[0].frames
        try writer.sync()
        let (found, lost) = try mixed.walk()
        #expect(found == [whole[0].header.frameSequence])
        #expect(lost.map(\.start) == [written[0].position.offset])
        let tail = try LogTail(walking: try #require(try mixed.segments().first), evidence: .none)
        #expect(tail.frames.map(\.position) == whole.map(\.position))
    }

    @Test("A batch that is damaged behind its walk is not copied")
    func damagedCopy() throws {
        let damaged = TestLog(disk: log.disk.copy)
        let last = try #require(batches[2].last)
        damaged.disk.contents[TestLog.path(1)]?[last.position.offset + FrameHeader.byteCount + 50] ^= 0x10
        let (whole, flipped) = (try #require(try log.segments().first), try #require(try damaged.segments().first))
        let copy = try EncodedBatch(copying: batches[2], from: whole, storeSalt: 5)
        #expect(copy.frames.count == batches[2].count)
        #expect {
            try EncodedBatch(copying: batches[2], from: flipped, storeSalt: 5)
        } throws: {
            guard case LogError.damaged(TestLog.path(1), last.position.offset, .hashMismatch) = $0 else { return false }
            return true
        }
    }

    @Test("The magic of a frame is found at any multiple of 8, and nowhere else")
    func magic() {
        for place in stride(from: 0, to: 300, by: 4) {
            var bytes = [UInt8](repeating: 0x52, count: 304)
            bytes.store(FrameHeader.magic, at: place)
            #expect(FrameMagic.first(in: bytes.rawSpan, from: 0) == (place.isMultiple(of: 8) ? place : nil))
        }
    }
}
