import Foundation
import TestSupport

/// Ends processes that append to real files in every way that a process or a machine can end, and opens what is left.
/// Prints what was done, and exits with 1 on the first broken promise.
@main
enum FluxSoak {
    private static let usage = """
        usage: flux-soak kill [--minutes N | --stores N] [--seed N]    processes that are killed at random
               flux-soak stops [--every N] [--stores N] [--seed N]     one that ends at each call that changes files
               flux-soak power [--minutes N | --stores N] [--seed N]   losses of power, the index's database included
               flux-soak power --lie WORD [--seed N]                   the same on a disk that forgets syncs of files
                                                                       with the word in their paths: must be found out
               flux-soak follow [--minutes N] [--seed N]               follows and asks a store beside processes that
                                                                       append and are killed
               flux-soak door [--minutes N | --seconds N] [--seed N]   all that a store can do, at the same time
        """

    static func main() async {
        await Arguments.run(usage: usage) { arguments in
            let start = ContinuousClock.now
            switch arguments.command {
            case "append": if await !Appending(options: try AppendOptions(arguments)).run() { exit(1) }
            case "kill": try await kill(arguments)
            case "stops": try await stops(arguments)
            case "power": try await power(arguments)
            case "follow": try await follow(arguments)
            case "door": try await door(arguments)
            default: throw UsageError("there is no command \(arguments.command)")
            }
            if arguments.command != "append" { print("time: \(ContinuousClock.now - start)") }
        }
    }

    /// Calls the body with seeds, until both the number of stores and the time are reached; returns the seeds.
    private static func seeds(
        _ arguments: Arguments, _ body: (UInt64) async throws -> Void
    ) async throws -> Range<UInt64> {
        let end = ContinuousClock.now + .seconds(60 * (try arguments.number("minutes") ?? 0))
        let first = UInt64(try arguments.number("seed") ?? 1)
        let count = UInt64(try arguments.number("stores") ?? 1)
        var seed = first
        while seed < first + count || ContinuousClock.now < end {
            do {
                try await body(seed)
            } catch {
                throw SoakFailure("seed \(seed)", error)
            }
            seed += 1
        }
        return first..<seed
    }

    private static func kill(_ arguments: Arguments) async throws {
        var loop = KillLoop()
        let seeds = try await seeds(arguments) { seed in try await loop.run(seed: seed) }
        report("kill: seeds \(seeds)", loop.counts)
    }

    private static func stops(_ arguments: Arguments) async throws {
        try needCalls()
        var loop = KillLoop()
        let interval = max(1, try arguments.number("every") ?? 1)
        let seeds = try await seeds(arguments) { seed in try await loop.runStops(seed: seed, every: interval) }
        report("stops: seeds \(seeds)", loop.counts)
    }

    private static func needCalls() throws {
        guard AppendProcess.canFollowCalls else {
            throw SoakFailure("a build with a sanitizer cannot follow the calls of a process")
        }
    }

    private static func report(_ title: String, _ counts: KillLoop.Counts) {
        print(
            """
            \(title), \(counts.stores) stores, \(counts.kills) kills, \(counts.acknowledgements) acknowledged batches, \
            \(counts.rolls) rolls crossed, \(counts.tornTails) torn tails, longest opening \(counts.longestOpening): all \
            hold
            """)
    }

    private static func power(_ arguments: Arguments) async throws {
        try needCalls()
        if let word = arguments.text("lie") { return try await findOut(word, arguments) }
        var loop = PowerLoop()
        let seeds = try await seeds(arguments) { seed in try await loop.run(seed: seed) }
        let counts = loop.counts
        print(
            """
            power: seeds \(seeds), \(counts.processes) processes, \(counts.calls) calls, \(counts.losses) losses, \
            \(counts.promises) promised executions checked, \(counts.segments) segments, \(counts.tornTails) torn tails, \
            \(counts.suspectTails) suspect, \(counts.rebuiltIndexes) indexes built again: all hold
            """)
    }

    private static func follow(_ arguments: Arguments) async throws {
        var loop = FollowLoop(seed: UInt64(try arguments.number("seed") ?? 1))
        try await loop.run(until: .now + .seconds(60 * (try arguments.number("minutes") ?? 0)))
        let counts = loop.counts
        print(
            """
            follow: seed \(loop.seed), \(counts.processes) processes of 64 producers, \(counts.batches) batches followed once \
            and in order, \(counts.acknowledgements) acknowledged, \(counts.segments) segments: all hold
              from the acknowledgement of a durable batch until it was followed: \(text(counts.following))
              from then until a query found it, \(counts.queries) queries: \(text(counts.asking))
            """)
    }

    private static func text(_ lag: FollowLag) -> String {
        let (longest, waiting) = (lag.longest.duration, lag.longest.waiting)
        return """
            p50 \(milliseconds(lag.percentile(50))), p99 \(milliseconds(lag.percentile(99))), longest \
            \(milliseconds(longest)), while threads waited \(milliseconds(waiting)) for a processor
            """
    }

    private static func milliseconds(_ duration: Duration) -> String {
        duration.formatted(.units(allowed: [.milliseconds], fractionalPart: .show(length: 1)))
    }

    private static func door(_ arguments: Arguments) async throws {
        let seconds = try arguments.number("seconds") ?? 60 * (try arguments.number("minutes") ?? 0)
        let seed = UInt64(try arguments.number("seed") ?? 1)
        var loop = DoorLoop(until: .now + .seconds(seconds))
        do {
            try await loop.run(seed: seed)
        } catch {
            throw SoakFailure("seed \(seed)", error)
        }
        let (counts, figures) = (loop.counts, loop.figures)
        print(
            """
            door: seed \(seed), \(counts.rounds) rounds, \(counts.batches) batches of \(counts.byteCount >> 20) MiB, \
            the longest append \(counts.longestAppend), \(counts.walks) walks, \(counts.heldWalks) held over rounds, \
            \(counts.heldScans) scans held, \(counts.queries) queries, \(counts.deletions) deletions, \
            \(counts.droppedSegments) segments dropped, \(counts.rewrittenSegments) written anew, \(counts.backups) \
            backups, \(counts.readerWalks) walks beside the writer, \(counts.readerExpired) of what had gone; \
            descriptors: \(loop.descriptors.start.count) before, \(figures.descriptorCountMax) at most, \
            \(loop.descriptors.end.count) behind; memory: \(figures.early >> 20) MiB early, \(figures.late >> 20) MiB \
            late: all hold
            """)
    }

    /// Shows that the losses can break a promise: of a disk that lies.
    private static func findOut(_ word: String, _ arguments: Arguments) async throws {
        var loop = PowerLoop(liesAbout: word)
        do {
            _ = try await seeds(arguments) { seed in try await loop.run(seed: seed) }
        } catch let failure as SoakFailure where failure.isBrokenPromise {
            return print("power: a disk that forgets syncs of \(word) is found out: \(failure)")
        }
        throw SoakFailure("a disk that forgets syncs of \(word) is not found out")
    }
}
