import FluxFormat
import Testing

@Suite("A slot of HEAD")
struct HeadSlotTests {
    private static let slot = HeadSlot(
        storeID: StoreID(high: 1, low: 2), generation: 3, state: .clean, durableEnd: Position(segment: 4, offset: 4104),
        nextFrameSequence: 5, lastFrameHash: 6, oldestSegment: 7, writerEpoch: 8)

    @Test("It is read as it was written, in its own slot alone", arguments: 0..<HeadSlot.count)
    func roundTrip(number: Int) throws {
        let bytes = Self.slot.encoded(inSlot: number)
        #expect(bytes.count == HeadSlot.byteCount)
        #expect(try HeadSlot(parsing: bytes.rawSpan, slot: number) == Self.slot)
        #expect(throws: FormatError.invalidField("a slot's number")) {
            try HeadSlot(parsing: bytes.rawSpan, slot: (number + 1) % HeadSlot.count)
        }
    }

    @Test("Cut or flipped at any byte it is none")
    func cutAndFlip() {
        let bytes = Self.slot.encoded(inSlot: 1)
        for offset in bytes.indices {
            let cut = Array(bytes.prefix(offset))
            #expect(throws: FormatError.truncated(needed: HeadSlot.byteCount, available: offset)) {
                try HeadSlot(parsing: cut.rawSpan, slot: 1)
            }
            for bit in 0..<8 {
                let flipped = bytes.flipped(at: offset, 1 << bit)
                #expect(throws: FormatError.self, "bit \(bit) of byte \(offset)") {
                    try HeadSlot(parsing: flipped.rawSpan, slot: 1)
                }
            }
        }
    }

    @Test("Another major version is named before the hash is looked at")
    func version() {
        let bytes = Self.slot.encoded(inSlot: 1).flipped(at: 8, 3)
        #expect(throws: FormatError.unsupportedVersion(major: 2, minor: 0)) {
            try HeadSlot(parsing: bytes.rawSpan, slot: 1)
        }
    }

    @Test("A state behind a right hash that no writer writes is refused", arguments: [0, 4, 0xFF] as [UInt8])
    func state(value: UInt8) {
        var bytes = Self.slot.encoded(inSlot: 1)
        bytes[72] = value
        bytes.store(XXH3.hash(bytes.rawSpan.extracting(0..<120), seed: 0), at: 120)
        #expect(throws: FormatError.invalidField("state of a log")) { try HeadSlot(parsing: bytes.rawSpan, slot: 1) }
    }
}
