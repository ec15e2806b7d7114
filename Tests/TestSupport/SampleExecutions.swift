public import FluxFormat

/// A generator whose numbers depend on its seed alone (Sebastiano Vigna, SplitMix64).
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Starts from a seed.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Executions to store in tests.
public enum Sample {
    /// An execution of events of all sizes; the same for the same seed.
    public static func execution(seed: UInt64, eventCount: Int, payloadByteCountMax: Int = 2000) -> Execution {
        var generator = SeededGenerator(seed: seed)
        let start = 1_700_000_000_000_000_000 + seed * 1_000_000
        let id = ExecutionID(unixMilliseconds: start / 1_000_000, bits: (generator.next(), generator.next()))
        let events = (0..<eventCount).map { event(UInt32($0), payloadByteCountMax, &generator) }
        let metadata = ExecutionMetadata(
            app: "shop-\(seed % 3)", name: "handler", source: "test", route: "/orders/\(seed % 5)",
            status: seed.isMultiple(of: 4) ? .failed : .ok, startedAt: start, durationNanoseconds: 1000 * seed,
            tags: ["seed": "\(seed)"])
        return Execution(id: id, metadata: metadata, events: events)
    }

    private static func event(_ sequence: UInt32, _ byteCountMax: Int, _ generator: inout SeededGenerator) -> Event {
        let byteCount = Int.random(in: 0...max(1, byteCountMax), using: &generator)
        let isText = Bool.random(using: &generator)
        let payload = (0..<byteCount).map {
            isText ? UInt8(97 + $0 % 13) : UInt8.random(in: 0...255, using: &generator)
        }
        return Event(
            kind: [.http, .clock, .random, .host][Int(sequence % 4)], lane: sequence % 5 == 0 ? "/prices" : "",
            sequence: sequence, issued: 2 * sequence + 1, done: 2 * sequence + 2,
            offsetNanoseconds: sequence % 7 == 0 ? nil : UInt64(sequence) * 1000,
            name: sequence % 3 == 0 ? nil : "host-\(sequence % 6)",
            descriptor: Array(repeating: 7, count: Int(sequence % 50)),
            payload: payload)
    }
}
