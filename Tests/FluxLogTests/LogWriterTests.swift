import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

@Suite("What the writer writes")
struct LogWriterTests {
    @Test("Sequences are dense, frames are chained, and a frame promises what was synced before its batch")
    func fields() throws {
        let log = TestLog(options: LogOptions(segmentByteCountMax: 24 << 10, frameByteCountTarget: 2000))
        let writer = try log.open().writer
        var starts: [UInt64: Position] = [:]
        for seed in 1...12 as ClosedRange<UInt64> {
            let frames = try log.append(Sample.execution(seed: seed, eventCount: 12), to: writer)
            for frame in frames { starts[frame.header.frameSequence] = frames[0].position }
        }
        let reading = try log.read()
        var previous: ScannedFrame?
        var lastOfExecution: [ExecutionID: Position] = [:]
        for (index, frame) in reading.frames.enumerated() {
            let header = frame.header
            #expect(header.frameSequence == UInt64(index + 1))
            #expect(header.previousFrameHash == previous?.header.headerHash ?? 0)
            #expect(header.durableEnd <= frame.position)
            if let start = starts[header.frameSequence] {
                #expect(header.durableEnd == start)
                #expect(header.previousFrameOfExecution == lastOfExecution[header.executionID] ?? .zero)
                lastOfExecution[header.executionID] = frame.position
            } else {
                #expect(header.frameKind == .seal && header.executionID == .none)
                #expect(header.previousFrameOfExecution == .zero)
            }
            #expect(header.tenantID == 0 && header.keyID == 0 && header.dictionaryID == 0)
            previous = frame
        }
        #expect(Set(reading.frames.map(\.position.segment)).count > 2)
        #expect(reading.frames.contains { $0.header.frameKind == .seal })
        #expect(writer.durableNextFrameSequence == UInt64(reading.frames.count + 1))
    }

    @Test("The first batch of a segment promises what stands before it, the header included")
    func firstBatch() throws {
        let log = TestLog()
        let writer = try log.open().writer
        #expect(writer.durableEnd == .zero)
        let frames = try log.append(Sample.execution(seed: 1, eventCount: 1), to: writer)
        #expect(frames[0].header.durableEnd == Position(segment: 1, offset: 4096))
        #expect(writer.durableEnd.offset == 4096 + frames[0].header.frameByteCount)
    }

    @Test("Later batches of an execution point back to its last frame, across segments")
    func laterBatches() throws {
        let log = TestLog(options: LogOptions(segmentByteCountMax: 16 << 10))
        let writer = try log.open().writer
        var execution = Sample.execution(seed: 1, eventCount: 0)
        execution.events = (0..<80).map {
            Event(kind: .http, sequence: $0, payload: Array(repeating: 5, count: 900 << 10))
        }
        let frames = try log.append(execution, to: writer)
        for (frame, next) in zip(frames, frames.dropFirst()) {
            #expect(next.header.previousFrameOfExecution == frame.position)
        }
        #expect(frames.first?.position.segment != frames.last?.position.segment)
        let reading = try log.read()
        #expect(reading.events[execution.id] == execution.events)
        #expect(reading.metadata[execution.id]?.status == execution.metadata.status)
    }

    @Test("A batch that was cut by no one comes back event by event", arguments: [0, 1, 24, 400])
    func comesBack(eventCount: Int) throws {
        let log = TestLog(options: LogOptions(frameByteCountTarget: 4096))
        let writer = try log.open().writer
        let executions = (1...3).map { Sample.execution(seed: $0, eventCount: eventCount) }
        for execution in executions { try log.append(execution, to: writer) }
        let reading = try log.read()
        for execution in executions {
            #expect(reading.events[execution.id] ?? [] == execution.events)
            #expect(reading.metadata[execution.id]?.tags == execution.metadata.tags)
            #expect(reading.metadata[execution.id]?.eventCount == UInt64(eventCount))
        }
        #expect(reading.rest == .nothing)
    }

    @Test(
        "Opened again, the log goes on in its last segment where it was closed, and else behind it",
        arguments: [true, false])
    func reopened(isClosing: Bool) throws {
        let log = TestLog()
        var executions: [Execution] = []
        for seed in 1...4 as ClosedRange<UInt64> {
            let opened = try log.open()
            #expect(opened.recovery == nil)
            executions.append(Sample.execution(seed: seed, eventCount: 5))
            try log.append(executions[executions.count - 1], to: opened.writer)
            if seed == 2 { try opened.writer.roll() }
            if isClosing { try opened.writer.close() }
        }
        let reading = try log.read()
        for execution in executions { #expect(reading.events[execution.id] == execution.events) }
        let headers = try log.segments().map(\.header)
        #expect(headers.map(\.segment) == (isClosing ? [1, 2] : [1, 2, 3, 4]))
        #expect(headers.map(\.writerEpoch) == (isClosing ? [1, 2] : [1, 2, 3, 4]))
        #expect(headers[0].storeID == headers[1].storeID && headers[0].storeSalt == headers[1].storeSalt)
        #expect(headers[0].segmentSalt != headers[1].segmentSalt)
    }

    @Test("Many lanes and names come back, also those that differ in their spelling alone")
    func manyTexts() throws {
        let log = TestLog()
        var execution = Sample.execution(seed: 1, eventCount: 0)
        let texts = (0..<30).map { "lane \($0 % 20)" } + ["\u{E9}", "e\u{301}", "\u{E9}"]
        execution.events = texts.enumerated().map {
            Event(kind: .http, lane: $1, sequence: UInt32($0), name: $1)
        }
        try log.append(execution, to: log.open().writer)
        let events = try #require(try log.read().events[execution.id])
        #expect(events.map { Array($0.lane.utf8) } == texts.map { Array($0.utf8) })
        #expect(events.map { $0.name.map { Array($0.utf8) } } == texts.map { Array($0.utf8) })
    }

    @Test("A batch over the limit of a batch is refused, and the writer goes on")
    func tooLargeBatch() throws {
        let log = TestLog()
        let writer = try log.open().writer
        var encoder = try BatchEncoder(
            Sample.execution(seed: 1, eventCount: 1), encoder: FrameEncoder(storeSalt: writer.storeSalt),
            frameByteCountTarget: 4096)
        let next = encoder.next()
        let first = try #require(next)
        let batch = EncodedBatch(
            executionID: first.executionID,
            frames: Array(repeating: first.frames[0], count: 128 << 20 / first.byteCount + 1), firstEvent: 0,
            eventCount: 1, isLast: true)
        #expect(throws: LogError.tooLarge(what: "a batch", byteCount: batch.byteCount, limit: 128 << 20)) {
            _ = try writer.write([batch])
        }
        try log.append(Sample.execution(seed: 2, eventCount: 1), to: writer)
        #expect(try log.read().frames.count == 1)
    }
}
