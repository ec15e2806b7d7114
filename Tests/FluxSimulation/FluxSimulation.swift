import LogSimulation
import SimulatedDisk
import TestSupport

/// Runs workloads of the log on a simulated disk, prints what was done, and exits with 1 on the first broken promise.
@main
enum FluxSimulation {
    private static let usage = """
        usage: flux-simulation crash [--seed N] [--stop N [--mode MODE] [--inner N --inner-mode MODE]] [--every N]
               flux-simulation states [--first N] [--count N]
               flux-simulation faults [--seed N]
               flux-simulation soak [--minutes N] [--count N] [--first N]
        """

    static func main() async {
        await Arguments.run(usage: usage) { arguments in
            let start = ContinuousClock.now
            switch arguments.command {
            case "crash": try crash(arguments)
            case "states": try states(arguments)
            case "faults": try faults(arguments)
            case "soak": try soak(arguments)
            default: throw UsageError("there is no command \(arguments.command)")
            }
            print("time: \(ContinuousClock.now - start)")
        }
    }

    /// States and crashes of other workloads, until both the count of seeds and the time are reached.
    private static func soak(_ arguments: Arguments) throws {
        let end = ContinuousClock.now + .seconds(60 * (try arguments.number("minutes") ?? 5))
        let first = UInt64(try arguments.number("first") ?? 1)
        let last = first + UInt64(try arguments.number("count") ?? 100_000)
        let step: UInt64 = 5000
        var seed = first
        while seed < last || ContinuousClock.now < end {
            try states(first: seed, count: seed < last ? min(step, last - seed) : step)
            try crash(CrashSweep(seed: seed))
            try faults(FaultSweep(seed: seed))
            seed += step
        }
    }

    private static func states(_ arguments: Arguments) throws {
        let first = UInt64(try arguments.number("first") ?? 1)
        let count = UInt64(try arguments.number("count") ?? 10_000)
        try states(first: first, count: count)
    }

    private static func states(first: UInt64, count: UInt64) throws {
        let counts = try RandomStates(seeds: first..<first + count).run()
        let outcomes = MediaDamage.Outcome.allCases.map { "\(counts.outcomes[$0] ?? 0) \($0.rawValue)" }
        print(
            """
            states: seeds \(first)..<\(first + count), \(counts.states) states (\(counts.whole) whole, \
            \(counts.torn) torn, \(counts.suspect) suspect), \(counts.damaged) damaged: \
            \(outcomes.joined(separator: ", "))
            """)
    }

    private static func faults(_ arguments: Arguments) throws {
        try faults(FaultSweep(seed: UInt64(try arguments.number("seed") ?? 1)))
    }

    private static func faults(_ sweep: FaultSweep) throws {
        let counts = try sweep.run()
        print(
            """
            faults: seed \(sweep.seed), \(counts.runs) runs with a call that fails, \(counts.fullDisks) full disks, \
            \(counts.images) images, \(counts.fullOpenings) openings without room
            """)
    }

    private static func crash(_ arguments: Arguments) throws {
        var sweep = CrashSweep(seed: UInt64(try arguments.number("seed") ?? 1))
        sweep.stopInterval = max(1, try arguments.number("every") ?? 1)
        if let stop = try arguments.number("stop") {
            let one = CrashSweep.Case(
                stop: stop, mode: try arguments.mode("mode"), inner: try arguments.number("inner"),
                innerMode: try arguments.mode("inner-mode"))
            try sweep.run(one)
            return print("crash: the case holds")
        }
        try crash(sweep)
    }

    private static func crash(_ sweep: CrashSweep) throws {
        let counts = try sweep.run()
        print(
            """
            crash: seed \(sweep.seed), \(counts.stops) stops, \(counts.images) images \
            (\(counts.tornImages) torn, \(counts.suspectImages) suspect), \(counts.innerImages) inside recovery
            """)
    }
}
