import FluxFormat
import Testing

/// A map beside a dictionary that is asked the same.
@Suite struct ExecutionIDMapTests {
    /// Few ids, so that they come and go again and again. The first is that of all zeros.
    private func id(_ number: UInt64) -> ExecutionID { ExecutionID(high: number / 7, low: number % 7) }

    @Test func answersAsADictionaryDoes() {
        var random = SystemRandomNumberGenerator()
        var map = ExecutionIDMap<Int>()
        var model: [ExecutionID: Int] = [:]
        for step in 0..<200_000 {
            // Grows for a while, and shrinks for a while.
            let isShrinking = (step / 10_000).isMultiple(of: 2)
            let id = id(random.next(upperBound: 3_000))
            switch random.next(upperBound: 10 as UInt64) {
            case 0..<(isShrinking ? 7 : 2):
                map.removeValue(for: id)
                model[id] = nil
            case 9: #expect(map[id] == model[id])
            default: #expect(map.updateValue(step, for: id) == model.updateValue(step, forKey: id))
            }
            #expect(map.count == model.count)
        }
        for number in 0..<3_000 as Range<UInt64> { #expect(map[id(number)] == model[id(number)]) }
        #expect(Set(map.keys) == Set(model.keys))
    }

    @Test func forgetsThoseThatAreMeant() {
        var map = ExecutionIDMap<UInt64>()
        for number in 0..<1_000 as Range<UInt64> { map[id(number)] = number }
        var asked = 0
        map.removeAll { value in
            asked += 1
            return !value.isMultiple(of: 3)
        }
        #expect(asked == 1_000 && map.count == 334)
        for number in 0..<1_000 as Range<UInt64> { #expect(map[id(number)] == (number % 3 == 0 ? number : nil)) }
    }

    @Test(arguments: [1, 500]) func isEmptyBehindRemoveAll(count: UInt64) {
        var map = ExecutionIDMap<Void>()
        for number in 0..<500 as Range<UInt64> { map.updateValue((), for: id(number)) }
        // Once with most of the room free, and once with it taken.
        for number in count..<500 { map.removeValue(for: id(number)) }
        map.removeAll()
        #expect(map.isEmpty && map.keys.allSatisfy { _ in false })
        for number in 0..<500 as Range<UInt64> { #expect(map[id(number)] == nil) }
        #expect(map.updateValue((), for: id(3)) == nil && map.count == 1)
    }

    /// The map of no executions takes no room, and is asked all the same.
    @Test func anEmptyMapHasNone() {
        var map = ExecutionIDMap<Int>()
        #expect(map[id(1)] == nil && map.isEmpty && map.count == 0)
        map.removeValue(for: id(1))
        map.removeAll()
        map.removeAll { _ in true }
        #expect(map.isEmpty)
    }
}
