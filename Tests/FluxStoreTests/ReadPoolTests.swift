import Testing

@testable import FluxStore

@Suite("Threads that wait for a disk")
struct ReadPoolTests {
    @Test("Everything that is handed in runs once, however many tasks wait")
    func runsAll() async {
        let pool = ReadPool()
        let sum = Guarded(0)
        await withTaskGroup(of: Void.self) { group in
            for number in 1...100 {
                group.addTask {
                    await pool.run { sum.withLock { $0 += number } }
                }
            }
        }
        #expect(sum.withLock { $0 } == 5050)
    }
}
