import Foundation

/// Durable appends of 256 producers beside those of one, and beside the same group commit in C.
@main
struct CommitBench {
    private static let producerCount = 256
    private static let roundCount = 3
    private static let slowNanoseconds: UInt64 = 1_000_000

    static func main() async {
        do {
            let slow = try await measureSlow()
            let disk = try await measureDisk()
            exit(slow && disk ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("flux-commit-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    /// A sync of a millisecond that touches no disk: what grouping alone is worth.
    private static func measureSlow() async throws -> Bool {
        print("executions of 2 KiB, durable; a sync takes 1 ms and touches no disk")
        printHead()
        var ratios = [
            Ratio(name: "256 producers / one", goal: 50, floor: 20),
            Ratio(name: "median group / p50", goal: 1.0 / 3, floor: 0.15),
            Ratio(name: "p50 / p99", goal: 0.25, floor: 0.1),
        ]
        for _ in 0..<roundCount {
            for contender in [Contender.log, .store] {
                let one = try await run(contender, 1, slowNanoseconds)
                let many = try await run(contender, producerCount, slowNanoseconds)
                guard contender == .log else { continue }
                ratios[0].rounds.append(many.perSecond / one.perSecond)
                ratios[1].rounds.append(many.group / many.median)
                ratios[2].rounds.append(many.median / many.nearlyAll)
            }
        }
        return Ratio.report(ratios)
    }

    /// On the disk of the machine, beside C.
    private static func measureDisk() async throws -> Bool {
        print("\nthe same on the disk of this machine")
        printHead()
        var ratio = Ratio(name: "log alone / C", goal: 0.8, floor: 0.4)
        for _ in 0..<roundCount {
            let baseline = try await run(.baseline, producerCount, 0)
            let log = try await run(.log, producerCount, 0)
            _ = try await run(.store, producerCount, 0)
            ratio.rounds.append(log.perSecond / baseline.perSecond)
        }
        return Ratio.report([ratio])
    }

    private static func run(
        _ contender: Contender, _ producerCount: Int, _ slowNanoseconds: UInt64
    ) async throws -> CommitFigures {
        let figures = try await CommitRun(
            producerCount: producerCount, slowNanoseconds: slowNanoseconds
        ).measure(contender)
        print(
            contender.rawValue.padding(toLength: 13, withPad: " ", startingAt: 0)
                + String(
                    format: "%9d %11.0f %8.2f %8.2f %9.2f %15.1f", producerCount, figures.perSecond, figures.median,
                    figures.nearlyAll, figures.group, figures.perSync))
        return figures
    }

    private static func printHead() {
        print("             producers   appends/s   p50 ms   p99 ms  group ms   appends a sync")
    }
}
