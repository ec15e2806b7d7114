import Testing

@testable import FluxStore

@Suite("Gathering")
struct GatheringTests {
    @Test("Who comes alone waits for no one; others for a quarter of a sync, and 250 microseconds at most")
    func target() {
        var gathering = Gathering()
        #expect(!waits(&gathering))
        gathering.note(groupCount: 1, syncNanoseconds: 400_000)
        #expect(!waits(&gathering))
        gathering.note(groupCount: 16, syncNanoseconds: 400_000)
        let short = gathering.next()
        #expect(short?.count == 16 && short?.nanoseconds == 100_000)
        gathering.note(groupCount: 16, syncNanoseconds: 4_000_000)
        let long = gathering.next()
        #expect(long?.count == 16 && long?.nanoseconds == 250_000)
    }

    @Test("Behind waits in vain ever more are left out, 64 at most, and none behind one that was worth it")
    func vain() {
        var gathering = Gathering()
        gathering.note(groupCount: 256, syncNanoseconds: 400_000)
        for leftOut in [2, 4, 8, 16, 32, 64, 64] {
            #expect(waits(&gathering))
            gathering.noteWait(isReached: false)
            for _ in 0..<leftOut { #expect(!waits(&gathering)) }
        }
        #expect(waits(&gathering))
        gathering.noteWait(isReached: true)
        #expect(waits(&gathering))
        gathering.noteWait(isReached: false)
        #expect(!waits(&gathering))
        #expect(!waits(&gathering))
        #expect(waits(&gathering))
    }

    private func waits(_ gathering: inout Gathering) -> Bool { gathering.next() != nil }
}
