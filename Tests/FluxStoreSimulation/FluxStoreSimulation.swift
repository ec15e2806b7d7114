import Foundation
import StoreSimulation

/// `flux-store-simulation [--seed FIRST] [--count COUNT]`: runs that many seeds; the first that fails is named.
@main
struct FluxStoreSimulation {
    static func main() {
        var first: UInt64 = 1
        var count: UInt64 = 1000
        let arguments = CommandLine.arguments
        for (name, value) in zip(arguments, arguments.dropFirst()) {
            if name == "--seed" { first = UInt64(value) ?? first }
            if name == "--count" { count = UInt64(value) ?? count }
        }
        let folder = URL(filePath: "/dev/shm/flux-simulation-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let start = Date()
        var total = StoreSimulation.Counts()
        for seed in first..<first + count {
            do {
                var simulation = try StoreSimulation(seed: seed, folder: folder)
                try simulation.run()
                total.lives += simulation.counts.lives
                total.durableBatches += simulation.counts.durableBatches
                total.reads += simulation.counts.reads
                total.heldWalks += simulation.counts.heldWalks
                total.lists += simulation.counts.lists
                total.faults += simulation.counts.faults
                total.retentions += simulation.counts.retentions
                total.deletions += simulation.counts.deletions
                total.scavenges += simulation.counts.scavenges
                total.interrupted += simulation.counts.interrupted
            } catch {
                print("seed \(seed): \(error)")
                print("again with: flux-store-simulation --seed \(seed) --count 1")
                exit(1)
            }
        }
        print(
            """
            store simulation: seeds \(first)...\(first + count - 1), \(total.lives) lives, \(total.faults) faults, \
            \(total.durableBatches) durable batches, \(total.reads) reads, \(total.heldWalks) walks held, \(total.lists) lists, \
            \(total.deletions) deletions, \(total.scavenges) scavenges, \(total.retentions) retentions, \
            \(total.interrupted) of these interrupted, \
            \(Int(Date().timeIntervalSince(start))) s: all hold
            """)
    }
}
