import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

/// Three batches: two of one frame, and a last one of several.
@Suite("Torn tail")
struct TornTailTests {
    private static let options = LogOptions(frameByteCountTarget: 400)
    private static let path = TestLog.path(1)

    /// What lies on the disk, and where each batch ends.
    private struct Written {
        var log: TestLog
        var executions: [Execution] = []
        var ends = [4096]
        var bytes: [UInt8] = []

        /// The batches of which every byte stands before the end.
        func whole(before end: Int) -> Int { ends.lastIndex { $0 <= end } ?? 0 }
    }

    private func written() throws -> Written {
        var written = Written(log: TestLog(options: Self.options))
        let writer = try written.log.open().writer
        for (seed, eventCount) in [(1, 1), (2, 2), (3, 6)] as [(UInt64, Int)] {
            let execution = Sample.execution(seed: seed, eventCount: eventCount, payloadByteCountMax: 150)
            let frames = try written.log.append(execution, to: writer)
            if seed == 3 { #expect(frames.count > 2) }
            written.executions.append(execution)
            written.ends.append(writer.durableEnd.offset)
        }
        let bytes = try #require(written.log.disk.contents[Self.path])
        let end = try #require(written.ends.last)
        #expect(bytes[end...].allSatisfy { $0 == 0 })
        written.bytes = Array(bytes[..<end])
        // Nothing but the segment itself speaks for what it holds.
        written.log.disk.contents[TestLog.headPath] = nil
        return written
    }

    /// Opens a disk with these bytes in its only segment, and holds what is there against the first `count` batches.
    private func hold(_ written: Written, _ bytes: [UInt8], count: Int, _ what: String, at place: Int) throws {
        let comment: Comment = "\(what) at \(place)"
        let log = TestLog(disk: written.log.disk.copy, options: Self.options)
        log.disk.contents[Self.path] = bytes
        let seen = try log.read()
        #expect(seen.events.count == count, comment)
        for execution in written.executions.prefix(count) {
            #expect(seen.events[execution.id] == execution.events, comment)
        }
        let opened = try log.open()
        let end = written.ends[count]
        let contentEnd = max(end, (bytes.lastIndex { $0 != 0 } ?? 0) + 1)
        if contentEnd == end {
            #expect(opened.recovery == nil, comment)
        } else {
            let recovery = try #require(opened.recovery, comment)
            #expect(recovery.end == Position(segment: 1, offset: end), comment)
            #expect(recovery.tornByteCount == contentEnd - end, comment)
            #expect(log.disk.contents[recovery.quarantinePath] == Array(bytes[end..<contentEnd]), comment)
        }
        // Appending takes a while, so every eighth is enough.
        let later = Sample.execution(seed: 9, eventCount: 1)
        let isAppending = place % 8 == 0
        if isAppending { try log.append(later, to: opened.writer) }
        let reading = try log.read()
        #expect(reading.events.count == count + (isAppending ? 1 : 0), comment)
        if isAppending { #expect(reading.events[later.id] == later.events, comment) }
        for execution in written.executions.prefix(count) {
            #expect(reading.events[execution.id] == execution.events, comment)
        }
        // Nothing is written behind the end after an unclean stop: the log goes on in another file, unless this one held
        // nothing.
        let segments = try log.segments()
        #expect(segments[0].isSealed == (count > 0), comment)
        if isAppending { #expect(segments.count == (segments[0].isSealed ? 2 : 1), comment) }
    }

    @Test("Cut at every byte behind the header: whole batches are kept, nothing of the cut one is shown")
    func cutEverywhere() throws {
        let written = try written()
        for byteCount in 4096...written.bytes.count {
            try hold(
                written, Array(written.bytes.prefix(byteCount)), count: written.whole(before: byteCount),
                "cut", at: byteCount)
        }
    }

    @Test("Zeros from every byte of the last batch on")
    func zeroedTail() throws {
        let written = try written()
        for start in written.ends[2]..<written.bytes.count {
            var bytes = written.bytes
            for offset in start..<bytes.count { bytes[offset] = 0 }
            try hold(written, bytes, count: bytes == written.bytes ? 3 : 2, "zeros from", at: start)
        }
    }

    @Test("Zeros up to every word of the last batch, as sectors that reach the disk out of order leave")
    func zeroedHead() throws {
        let written = try written()
        for end in stride(from: written.ends[2] + 8, through: written.bytes.count, by: 8) {
            var bytes = written.bytes
            for offset in written.ends[2]..<end { bytes[offset] = 0 }
            try hold(written, bytes, count: 2, "zeros up to", at: end)
        }
    }

    @Test("A flip at every byte of the last batch, for which no later frame speaks, is cut off with a copy kept")
    func flippedLastBatch() throws {
        let written = try written()
        for offset in written.ends[2]..<written.bytes.count {
            var bytes = written.bytes
            bytes[offset] ^= 0x04
            try hold(written, bytes, count: 2, "flip", at: offset)
        }
    }

    @Test("Garbage of any length behind the last batch")
    func garbage() throws {
        let written = try written()
        var generator = SeededGenerator(seed: 2)
        for byteCount in [1, 7, 8, 95, 96, 97, 1000, 5000] {
            let garbage = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            try hold(written, written.bytes + garbage, count: 3, "garbage", at: byteCount)
        }
    }

    @Test("A last segment whose header was not finished, cut at every byte, is begun anew")
    func unfinishedHeader() throws {
        let written = try written()
        let writer = try written.log.open().writer
        try writer.roll()
        let later = Sample.execution(seed: 5, eventCount: 1)
        try written.log.append(later, to: writer)
        let header = Array(try #require(written.log.disk.contents[TestLog.path(2)]).prefix(4096))
        written.log.disk.contents[TestLog.headPath] = nil
        for byteCount in 0..<4096 {
            written.log.disk.contents[TestLog.path(2)] = Array(header.prefix(byteCount))
            let opened = try written.log.open()
            #expect(opened.recovery == nil)
            // A read is enough for most; writing takes a while.
            guard byteCount % 64 == 0 else { continue }
            try written.log.append(later, to: opened.writer)
            #expect(try written.log.read().events.count == 4)
            written.log.disk.contents[TestLog.headPath] = nil
        }
    }
}
