import FluxFormat

/// Executions made from a seed.
enum GeneratedExecutions {
    /// Executions of a few small events, each at most 1 KiB of heads and bodies: a webhook that reads the clock, asks the
    /// database, and logs.
    static func tiny(count: Int, seed: UInt64) -> [Execution] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            execution(events: (0..<Int.random(in: 3...7, using: &generator)).map { event($0, &generator) }, &generator)
        }
    }

    /// One execution of so many small events.
    static func long(eventCount: Int, seed: UInt64) -> Execution {
        var generator = SplitMix64(seed: seed)
        return execution(events: (0..<eventCount).map { event($0, &generator) }, &generator)
    }

    /// An execution of small events, among them JSON texts of some hundred bytes, and some of a few thousand.
    static func mixed(eventCount: Int, seed: UInt64) -> Execution {
        var generator = SplitMix64(seed: seed)
        let events = (0..<eventCount).map { index in
            var event = event(index, &generator)
            switch index % 20 {
            case 0..<11: break
            case 11..<18: event.payload = json(byteCount: Int.random(in: 200...800, using: &generator), &generator)
            default: event.payload = json(byteCount: Int.random(in: 2_000...6_000, using: &generator), &generator)
            }
            return event
        }
        return execution(events: events, &generator)
    }

    /// An execution of JSON bodies of 4 to 64 KiB.
    static func large(eventCount: Int, seed: UInt64) -> Execution {
        var generator = SplitMix64(seed: seed)
        let events = (0..<eventCount).map { index in
            var event = event(index, &generator)
            event.payload = json(byteCount: Int.random(in: 4 << 10...64 << 10, using: &generator), &generator)
            return event
        }
        return execution(events: events, &generator)
    }

    /// An execution of bodies of 4 to 64 KiB of which nothing can be shrunk.
    static func encrypted(eventCount: Int, seed: UInt64) -> Execution {
        var generator = SplitMix64(seed: seed)
        let events = (0..<eventCount).map { index in
            var event = event(index, &generator)
            event.payload = (0..<Int.random(in: 512...8192, using: &generator)).flatMap { _ in
                bytes(of: generator.next())
            }
            return event
        }
        return execution(events: events, &generator)
    }

    /// Text that LZ4 shrinks three to five times: keys that come again, and ids that do not.
    private static func json(byteCount: Int, _ generator: inout SplitMix64) -> [UInt8] {
        let words = ["pending", "shipped", "cancelled", "returned", "express", "standard", "invoice", "voucher"]
        var text = "["
        while text.utf8.count < byteCount {
            let number = generator.next()
            let (state, kind) = (words[Int(number % 8)], words[Int(number / 8 % 8)])
            text += #"{"id":"\#(number % 100_000_000)","state":"\#(state)","kind":"\#(kind)","items":\#(number % 17)},"#
        }
        return Array((text + "]").utf8)
    }

    private static func execution(events: [Event], _ generator: inout SplitMix64) -> Execution {
        let milliseconds = 1_700_000_000_000 + generator.next() % 100_000_000
        var metadata = ExecutionMetadata(
            app: "hooks", name: "receive", source: "generated", route: "/hooks", status: .ok)
        metadata.startedAt = milliseconds * 1_000_000
        return Execution(
            id: ExecutionID(unixMilliseconds: milliseconds, bits: (generator.next(), generator.next())),
            metadata: metadata, events: events)
    }

    private static func event(_ index: Int, _ generator: inout SplitMix64) -> Event {
        let number = generator.next()
        let (kind, name, payload): (EventKind, String?, [UInt8]) =
            switch index % 4 {
            case 0: (.clock, nil, bytes(of: 1_700_000_000_000_000_000 + number % 100_000_000_000_000))
            case 1: (.random, nil, bytes(of: number) + bytes(of: generator.next()))
            case 2:
                (
                    .database, "orders",
                    Array(#"{"id":\#(number % 100_000),"state":"paid","cents":\#(number % 9973)}"#.utf8)
                )
            default: (.log, nil, Array("order \(number % 100_000) accepted after \(number % 37) ms".utf8))
            }
        let isNumber = index % 4 < 2
        return Event(
            kind: kind, encoding: isNumber ? .raw : .utf8, sequence: UInt32(index), issued: UInt32(2 * index + 1),
            done: UInt32(2 * index + 2), offsetNanoseconds: UInt64(index) * 40_000 + number % 40_000, name: name,
            descriptor: [], payload: payload)
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
