import FluxFormat
import FluxStore
import Foundation

/// Measures what the project claims, each claim beside a baseline in the same run.
@main
struct FluxBench {
    static let usage = """
        usage: flux-bench scan STORE          the cursor beside a loop written by hand in C
               flux-bench allocations         memory asked for in a cursor pass
               flux-bench sections STORE      the layout of a frame beside the one with a single section
               flux-bench append STORE        durable appends beside plain compress, hash, write and sync
               flux-bench open-by-id [peers]  opening and walking one of 100,000 executions
               flux-bench mapped              stored payloads in mapped segments, beside copied ones
               flux-bench memory              peak memory over executions of 1 MiB and 1 GiB
               flux-bench open                opening a store of 1,000 sealed segments
        """

    static func main() async {
        do {
            guard try await run(Array(CommandLine.arguments.dropFirst())) else { exit(1) }
        } catch {
            write("flux-bench: \(error)\n")
            exit(error is UsageError ? 64 : 1)
        }
    }

    /// Runs what the words ask for; `false` where a floor is missed.
    private static func run(_ words: [String]) async throws -> Bool {
        switch (words.first, words.dropFirst().first, words.count) {
        case ("scan", let path?, 2): try await ScanBenchmark(path: path).run()
        case ("allocations", nil, 1): try await AllocationBenchmark().run()
        case ("sections", let path?, 2): try await SectionBenchmark(path: path).run()
        case ("append", let path?, 2): try await AppendBenchmark(path: path).run()
        case ("open-by-id", nil, 1): try await OpenByIDBenchmark(hasPeers: false).run()
        case ("open-by-id", "peers", 2): try await OpenByIDBenchmark(hasPeers: true).run()
        case ("mapped", nil, 1): try await MappedBenchmark().run()
        case ("memory", nil, 1): try await MemoryBenchmark().run()
        case ("memory", let path?, 4):
            // A process that `memory` starts.
            switch (MemoryBenchmark.Reading(rawValue: words[2]), ExecutionIDPrefix(words[3])?.first) {
            case (let reading?, let id?): try await MemoryBenchmark.read(path, reading, id)
            default: throw UsageError()
            }
        case ("open", nil, 1): try await OpenBenchmark().run()
        case ("open", let path?, 3):
            // A process that `open` starts.
            switch OpenBenchmark.Opening(rawValue: words[2]) {
            case let opening?: try await OpenBenchmark.open(path, opening)
            case nil: throw UsageError()
            }
        default: throw UsageError()
        }
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// The words of the command line ask for nothing that there is.
struct UsageError: Error, CustomStringConvertible {
    var description: String { "what is to be measured?\n\(FluxBench.usage)" }
}

/// A run that cannot be measured.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
