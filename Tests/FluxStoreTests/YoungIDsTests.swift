import FluxFormat
import TestSupport
import Testing

@testable import FluxStore

@Suite("Young ids")
struct YoungIDsTests {
    private func id(_ number: UInt64) -> ExecutionID { ExecutionID(high: number, low: 7) }

    @Test("Nothing is told until it is known what is stored; then of ids above that")
    func floor() {
        var young = YoungIDs(countMax: 100)
        young.insert(id(50))
        #expect(!young.isAbsent(id(60)))
        young.complete(greatestOther: id(40))
        #expect(young.isAbsent(id(41)) && young.isAbsent(id(60)) && !young.isAbsent(id(50)))
        #expect(!young.isAbsent(id(40)) && !young.isAbsent(id(39)))
    }

    @Test("No id that is stored is told of, whatever the order and however often filters change", arguments: 1...20)
    func storedIDs(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var young = YoungIDs(countMax: Int.random(in: 1...40, using: &generator))
        var stored: Set<UInt64> = []
        var toldCount = 0
        // Some are stored before anything is inserted, as by an earlier process.
        let others = (0..<20).map { _ in UInt64.random(in: 1...2000, using: &generator) }
        stored.formUnion(others)
        for step in 1...1500 as ClosedRange<UInt64> {
            if step == 100 { young.complete(greatestOther: id(others.max() ?? 0)) }
            // About in order, with stragglers.
            let number = step * 2 + UInt64.random(in: 0...200, using: &generator)
            if young.isAbsent(id(number)) {
                toldCount += 1
                #expect(!stored.contains(number), "\(number) is stored")
            }
            if Bool.random(using: &generator) {
                stored.insert(number)
                young.insert(id(number))
            }
        }
        for number in stored { #expect(!young.isAbsent(id(number)), "\(number) is stored") }
        #expect(toldCount > 100)
    }
}
