import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Counts of kinds as bytes")
struct KindCountTests {
    private func holds(_ counts: [EventKind: UInt64]) {
        #expect(KindCountBytes.decoded(KindCountBytes.encoded(counts) ?? []) == counts)
    }

    @Test("Every kind comes back with its count, alone and behind any other")
    func pairs() {
        let numbers = Array(0...70) + [0x7FFF, 0x8000, 0xFFFF] as [UInt16]
        for (place, number) in numbers.enumerated() {
            for count in [0, 1, 2, 31, 32, 1 << 59 - 1, 1 << 59, .max] as [UInt64] {
                holds([EventKind(rawValue: number): count])
                for later in numbers[(place + 1)...] {
                    holds([EventKind(rawValue: number): count, EventKind(rawValue: later): count])
                }
            }
        }
    }

    @Test("Any set of kinds comes back", arguments: 0..<50 as Range<UInt64>)
    func sets(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var counts: [EventKind: UInt64] = [:]
        for _ in 0..<Int.random(in: 1...40, using: &generator) {
            let kind = EventKind(rawValue: UInt16.random(in: 1...80, using: &generator))
            counts[kind] = generator.next() >> UInt64.random(in: 0...63, using: &generator)
        }
        holds(counts)
    }
}
