import FluxFormat
import TestSupport

/// An execution and its batches: the same for the same number. Some have more frames than a cursor looks up at once.
struct DoorWork {
    /// Bytes after which a frame ends.
    static let frameByteCount = 4 << 10
    private static let largeEventCount = 320
    /// Of so many numbers one is a large execution.
    private static let largeInterval: UInt64 = 150

    let parts: SampleParts

    init(number: UInt64) {
        var generator = SeededGenerator(seed: number)
        guard number.isMultiple(of: Self.largeInterval) else {
            parts = SampleParts(number: number, using: &generator)
            return
        }
        var execution = Sample.execution(seed: number, eventCount: Self.largeEventCount, payloadByteCountMax: 0)
        for index in execution.events.indices {
            var payload: [UInt8] = []
            payload.reserveCapacity(Self.frameByteCount + 8)
            // One event to a frame.
            while payload.count < Self.frameByteCount {
                withUnsafeBytes(of: generator.next()) { payload += $0 }
            }
            execution.events[index].payload = payload
        }
        parts = SampleParts(execution, endsWithLast: true) { Self.largeEventCount / 4 }
    }

    /// The last number of a large execution that is not over another.
    static func large(upTo number: UInt64) -> UInt64 { number - number % largeInterval }

    /// The number of an execution, which its id tells.
    static func number(of id: ExecutionID) -> UInt64 { (id.high >> 16) &- 1_700_000_000_000 }

    static func number(of summary: ExecutionSummary) -> UInt64 { number(of: summary.id) }
}

/// The events of an execution as a cursor must hand them out, one after the other.
struct ExpectedEvents {
    let number: UInt64
    private let parts: SampleParts
    private let events: [Event]
    private(set) var count = 0

    init(number: UInt64) {
        self.number = number
        parts = DoorWork(number: number).parts
        events = parts.events(ofBatches: parts.batches.count)
    }

    /// Whether every event was met that there will ever be.
    var isWhole: Bool { count == events.count }

    mutating func take(_ view: borrowing EventView) throws {
        try takeHead(view.head)
        guard view.payload.array == events[count - 1].payload else {
            throw SoakFailure("event \(count - 1) of \(number) has another payload")
        }
    }

    mutating func takeHead(_ head: borrowing EventHeadView) throws {
        guard head.executionID == parts.id, count < events.count, head.index == UInt64(count) else {
            throw SoakFailure("event \(head.index) of \(head.executionID) where \(count) of \(number) belongs")
        }
        let event = events[count]
        guard head.kind == event.kind, head.name == event.name, head.lane == event.lane, head.done == event.done,
            head.descriptor.array == event.descriptor, head.payloadByteCount == event.payload.count
        else { throw SoakFailure("event \(count) of \(number) is another") }
        count += 1
    }

    /// Throws unless what was met are whole batches, as many as were acknowledged before, and no more than were sent.
    func finish(acknowledged: Int, sent: Int) throws {
        var sum = 0
        for (index, batch) in ([[]] + parts.batches.map(\.events)).enumerated() {
            sum += batch.count
            if sum == count, index <= sent, index >= acknowledged { return }
        }
        throw SoakFailure(
            "\(count) events of \(number), of which \(acknowledged) of \(parts.batches.count) batches were acknowledged, "
                + "and \(sent) sent")
    }
}
