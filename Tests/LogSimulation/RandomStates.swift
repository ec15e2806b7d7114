import Dispatch
import FluxFormat
import FluxLog
import SimulatedDisk
import Synchronization
import TestSupport

/// States that a crash leaves by chance, each with a workload of its own; and what damage to the medium makes of them.
package struct RandomStates: Sendable {
    package var seeds: Range<UInt64>

    package init(seeds: Range<UInt64>) {
        self.seeds = seeds
    }

    /// What came of all states.
    package struct Counts: Sendable {
        package var states = 0
        package var torn = 0
        package var suspect = 0
        package var whole = 0
        package var damaged = 0
        /// By what met the damage.
        package var outcomes: [MediaDamage.Outcome: Int] = [:]

        mutating func add(_ other: Counts) {
            states += other.states
            torn += other.torn
            suspect += other.suspect
            whole += other.whole
            damaged += other.damaged
            outcomes.merge(other.outcomes, uniquingKeysWith: +)
        }
    }

    /// Runs all seeds on all processors, and throws the first failure.
    package func run() throws -> Counts {
        let total = Mutex(Counts())
        let failure = Mutex<Failure?>(nil)
        DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
            guard failure.withLock({ $0 == nil }) else { return }
            do throws(Failure) {
                let counts = try run(seed: seeds.lowerBound + UInt64(index))
                total.withLock { $0.add(counts) }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return total.withLock { $0 }
    }

    private func run(seed: UInt64) throws(Failure) -> Counts {
        do {
            return try run(seed: seed, isTraced: false).counts
        } catch {
            let trace = try? run(seed: seed, isTraced: true).trace
            throw Failure(
                arguments: "states --first \(seed) --count 1",
                violation: error as? Violation ?? Violation("error", "\(error)"), trace: trace ?? "")
        }
    }

    private func run(seed: UInt64, isTraced: Bool) throws -> (counts: Counts, trace: String) {
        var generator = SeededGenerator(seed: seed)
        let steps = Step.random(count: Int.random(in: 3...40, using: &generator), using: &generator)
        let run = LogRun(source: BatchSource(seed: seed))
        run.disk.isTraced = isTraced
        run.disk.stopAt = Int.random(in: 1...100, using: &generator)
        let early = run.disk.copy
        try run.run(steps)
        let mode = CrashMode.allCases.randomElement(using: &generator)
        let image = mode.map { run.disk.crashed($0, using: &generator) } ?? run.disk.killed()
        let check = CrashCheck(image: image, run: run, isKilled: false)
        var counts = Counts()
        counts.states = 1
        let seen = try check.run()
        if seen.isTorn { counts.torn = 1 } else if seen.isSuspect { counts.suspect = 1 } else { counts.whole = 1 }
        for _ in 0..<2 {
            guard let damage = try MediaDamage(to: image, since: early, check, using: &generator) else { continue }
            counts.damaged += 1
            counts.outcomes[try damage.outcome(), default: 0] += 1
        }
        return (counts, isTraced ? "\(run.disk.trace)" : "")
    }
}
