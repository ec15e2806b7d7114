import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

@Suite("Batches and frames of an execution")
struct BatchEncoderTests {
    private func batches(of execution: Execution, target: Int = FormatLimit.frameByteCountTarget) throws
        -> [EncodedBatch]
    {
        var encoder = try BatchEncoder(
            execution, encoder: FrameEncoder(storeSalt: 1), frameByteCountTarget: target)
        var batches: [EncodedBatch] = []
        while let batch = encoder.next() { batches.append(batch) }
        return batches
    }

    /// An execution of events that are alike, of so many bytes each.
    private func execution(eventCount: Int, payloadByteCount: Int) -> Execution {
        var execution = Sample.execution(seed: 1, eventCount: 0)
        execution.events = (0..<eventCount).map {
            Event(kind: .http, sequence: UInt32($0), payload: Array(repeating: 5, count: payloadByteCount))
        }
        return execution
    }

    @Test("A frame is no larger than the target, but for one of a single event", arguments: [300, 4096, 65536])
    func framesAreSmall(target: Int) throws {
        let execution = Sample.execution(seed: 7, eventCount: 400)
        let batch = try #require(try batches(of: execution, target: target).first)
        #expect(batch.frames.count > 4)
        var nextEvent: UInt32 = 0
        for (index, frame) in batch.frames.enumerated() {
            let header = frame.header
            #expect(header.rawByteCount <= target || header.eventCount == (index == 0 ? 0 : 1))
            #expect(header.firstEvent == nextEvent)
            #expect(header.flags.contains(.batchFirst) == (index == 0))
            #expect(header.flags.contains(.batchLast) == (index == batch.frames.count - 1))
            #expect(header.flags.contains(.executionFirst) == (index == 0))
            #expect(header.flags.contains(.executionLast) == (index == 0))
            #expect(frame.payload.count == wordAligned(Int(header.storedByteCount)))
            nextEvent += UInt32(header.eventCount)
        }
        #expect(nextEvent == 400)
        #expect(batch.isLast && batch.firstEvent == 0 && batch.eventCount == 400)
    }

    @Test("An execution without events is one frame of META")
    func noEvents() throws {
        let batches = try batches(of: Sample.execution(seed: 1, eventCount: 0))
        #expect(batches.count == 1 && batches[0].frames.count == 1 && batches[0].isLast)
        #expect(batches[0].frames[0].header.eventCount == 0)
        #expect(batches[0].frames[0].header.flags == [.batchFirst, .batchLast, .executionFirst, .executionLast])
    }

    @Test(
        "An event over 960 KiB is stored in pieces, each alone in a frame",
        arguments: [
            (983_040, [983_040]), (983_041, [983_040, 1]), (1_966_080, [983_040, 983_040]),
            (3_000_000, [983_040, 983_040, 983_040, 50_880]),
        ])
    func pieces(byteCount: Int, expected: [Int]) throws {
        var execution = execution(eventCount: 3, payloadByteCount: 10)
        execution.events[1].payload = Array(repeating: 5, count: byteCount)
        let batch = try #require(try batches(of: execution).first)
        let frames = batch.frames.filter { $0.header.firstEvent == 1 }
        #expect(frames.count == expected.count)
        for (index, frame) in frames.enumerated() {
            let prologue = try FramePrologue(parsing: frame.payload.rawSpan, header: frame.header)
            #expect(prologue.recordCount == 1)
            #expect(Int(prologue.bodiesRaw) == wordAligned(expected[index]))
            #expect(Int(prologue.payloadOffset) == expected[..<index].reduce(0, +))
            let isLast = index == expected.count - 1
            #expect(frame.header.flags.contains(.eventContinues) == !isLast)
            #expect(frame.header.eventCount == (isLast ? 1 : 0))
            #expect(Int(frame.header.rawByteCount) <= FormatLimit.frameByteCountMax)
        }
    }

    @Test("What is over a limit is refused with its name, and what is at the limit is taken")
    func limits() throws {
        func change(_ change: (inout Execution) -> Void) -> Execution {
            var changed = execution(eventCount: 2, payloadByteCount: 10)
            change(&changed)
            return changed
        }
        let text = String(repeating: "n", count: 4096)
        let descriptor = [UInt8](repeating: 0, count: 32 << 10)
        let taken = [
            change { $0.events[1].descriptor = descriptor }, change { $0.events[1].lane = text },
            change { $0.events[1].name = text },
        ]
        for execution in taken { #expect(try batches(of: execution).count == 1) }
        let refused: [(String, Int, Int, Execution)] = [
            ("the descriptor of event 1", 32769, 32768, change { $0.events[1].descriptor = descriptor + [0] }),
            ("the lane of event 1", 4097, 4096, change { $0.events[1].lane = text + "n" }),
            ("the name of event 1", 4097, 4096, change { $0.events[1].name = text + "n" }),
            (
                "the payload of event 1", 64 << 20 + 1, 64 << 20,
                change { $0.events[1].payload = Array(repeating: 0, count: 64 << 20 + 1) }
            ),
        ]
        for (what, byteCount, limit, execution) in refused {
            #expect(throws: LogError.tooLarge(what: what, byteCount: byteCount, limit: limit)) {
                try batches(of: execution)
            }
        }
        let tagged = change { $0.metadata.tags = ["t": String(repeating: "v", count: 33 << 10)] }
        #expect { try batches(of: tagged) } throws: {
            guard case LogError.tooLarge("the execution's metadata", _, 32768) = $0 else { return false }
            return true
        }
    }

    @Test("An event of the kind of META, and an execution of no id, are refused: readers would lose them")
    func noExecutions() throws {
        var metadataEvent = execution(eventCount: 2, payloadByteCount: 10)
        metadataEvent.events[1].kind = .metadata
        #expect(throws: LogError.invalid("event 1 is of the kind of metadata")) { try batches(of: metadataEvent) }
        var nobody = execution(eventCount: 1, payloadByteCount: 10)
        nobody.id = .none
        #expect(throws: LogError.invalid("the id of all zeros belongs to no execution")) { try batches(of: nobody) }
    }

    @Test("A part of an execution without events, or behind the last number of an event, is refused")
    func parts() throws {
        let encoder = FrameEncoder(storeSalt: 1)
        func encode(firstEvent: UInt64, _ events: [Event], isLast: Bool) throws(LogError) -> EncodedBatch {
            let batch = EventBatch(
                executionID: ExecutionID(high: 1, low: 2), firstEvent: firstEvent, events: events,
                metadata: Sample.execution(seed: 1, eventCount: 0).metadata, isLast: isLast)
            return try BatchEncoder.encode(batch, encoder: encoder, frameByteCountTarget: 4096)
        }
        let event = Event(kind: .http, sequence: 1)
        #expect(throws: LogError.invalid("a batch in the middle of an execution has events")) {
            try encode(firstEvent: 1, [], isLast: false)
        }
        #expect(try encode(firstEvent: UInt64(UInt32.max) - 1, [event], isLast: true).eventCount == 1)
        for (first, count) in [(UInt64(UInt32.max), 1 << 32), (.max - 1, .max), (.max, .max)] as [(UInt64, Int)] {
            #expect(
                throws: LogError.tooLarge(what: "the execution's event count", byteCount: count, limit: 1 << 32)
            ) { try encode(firstEvent: first, [event], isLast: true) }
        }
    }

    @Test("An execution over 32 MiB is several batches: running until the last brings META whole")
    func severalBatches() throws {
        let execution = execution(eventCount: 90, payloadByteCount: 900 << 10)
        let batches = try batches(of: execution)
        #expect(batches.count == 3)
        #expect(batches.map(\.isLast) == [false, false, true])
        #expect(batches.reduce(0) { $0 + $1.eventCount } == 90)
        for (batch, next) in zip(batches, batches.dropFirst()) {
            #expect(next.firstEvent == batch.firstEvent + batch.eventCount)
        }
        let first = try #require(batches[0].frames[0].metadata?.value)
        #expect(first.status == .running && first.eventCount == 0 && first.app == execution.metadata.app)
        #expect(batches[0].frames[0].header.flags == [.batchFirst, .executionFirst])
        let last = try #require(batches[2].frames.last)
        #expect(last.metadata?.value.status == execution.metadata.status && last.metadata?.value.eventCount == 90)
        #expect(last.header.flags == [.batchLast, .executionLast])
        #expect(last.header.eventCount == 0 && last.header.firstEvent == 90)
        #expect(batches.flatMap(\.frames).count { $0.metadata != nil } == 2)
    }

    @Test("The cuts between batches depend on the events alone")
    func cuts() throws {
        var generator = SeededGenerator(seed: 4)
        var execution = execution(eventCount: 2000, payloadByteCount: 0)
        for index in execution.events.indices {
            execution.events[index].payload = Array(
                repeating: 5, count: .random(in: 0...60_000, using: &generator))
        }
        var tagged = execution
        tagged.metadata.tags = ["note": String(repeating: "x", count: 30_000)]
        tagged.metadata.startedAt = 5
        let cuts = try batches(of: execution).map(\.firstEvent)
        #expect(cuts.count == 2)
        #expect(try batches(of: tagged).map(\.firstEvent) == cuts)
        #expect(try batches(of: tagged, target: 4096).map(\.firstEvent) == cuts)
    }
}
