import CBenchFrames
import CBenchSync
import FluxFormat
import FluxStore
import Foundation

/// Claim: a store of 1,000 sealed segments, which the system has in its cache, opens in less than 50 ms of processor time,
/// and the process that opens it takes less than 64 MiB.
struct OpenBenchmark {
    private static let segmentCount = 1000
    private static let millisecondsMax = 50.0
    private static let mebibytesMax = 64.0
    private static let roundCount = 9

    /// What a process of its own does.
    enum Opening: String, CaseIterable {
        case readWrite
        case readOnly
        /// Lists the folder of segments, and reads the first and the last page of each, in C.
        case plain
    }

    /// What one process took.
    private struct Figures {
        /// On a processor.
        var milliseconds: Double
        /// Gone by.
        var wallMilliseconds: Double
        var mebibytes: Double
    }

    func run() async throws -> Bool {
        let folder = try ScratchFolder()
        let store = folder.path + "/store"
        let count = try await Self.makeStore(at: store)
        var figures: [Opening: [Figures]] = [:]
        for _ in 0..<Self.roundCount {
            for opening in Opening.allCases { figures[opening, default: []].append(try Self.measure(opening, store)) }
        }
        let plain = (figures[.plain] ?? []).map(\.milliseconds)
        print("\(count) segments, each process opens once; medians of \(Self.roundCount)")
        print("opening          ms   x plain C    wall ms   peak MiB")
        var isHeld = true
        for opening in Opening.allCases {
            let found = figures[opening] ?? []
            let milliseconds = found.map(\.milliseconds).median
            let ratio = zip(found, plain).map { $0.milliseconds / $1 }.median
            let wall = found.map(\.wallMilliseconds).median
            let mebibytes = found.map(\.mebibytes).max() ?? 0
            print(
                opening.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
                    + String(format: "%10.1f %11.1f %10.1f %10.1f", milliseconds, ratio, wall, mebibytes))
            isHeld = isHeld && milliseconds < Self.millisecondsMax && mebibytes < Self.mebibytesMax
        }
        print(
            "floor \(Self.millisecondsMax) ms on a processor and \(Self.mebibytesMax) MiB: \(isHeld ? "held" : "MISSED")"
        )
        return isHeld
    }

    /// Appends until there are so many segments, with syncs that touch no disk.
    private static func makeStore(at path: String) async throws -> Int {
        bench_sync_begin(1)
        defer { bench_sync_begin(0) }
        let store = try EventStore.open(at: path, options: StoreOptions(segmentByteCountMax: 16 << 10))
        var generator = SplitMix64(seed: 1)
        var segmentCount = 0
        while segmentCount <= Self.segmentCount {
            for execution in GeneratedExecutions.tiny(count: 500, seed: generator.next()) {
                try await store.append(execution, durability: .written)
            }
            segmentCount = try await store.statistics().segments
        }
        await store.close()
        return segmentCount
    }

    /// Lets a process open the store.
    private static func measure(_ opening: Opening, _ path: String) throws -> Figures {
        let numbers = try OwnProcess.numbers(["open", path, opening.rawValue], count: 3)
        return Figures(milliseconds: numbers[0], wallMilliseconds: numbers[1], mebibytes: numbers[2])
    }

    /// Opens once, and prints the milliseconds that it took, on a processor and gone by, and the most memory that the
    /// process had, in MiB.
    static func open(_ path: String, _ opening: Opening) async throws -> Bool {
        let start = (thread: Meter.threadTime.reading, wall: Meter.wallTime.reading)
        var store: EventStore?
        switch opening {
        case .readWrite: store = try EventStore.open(at: path)
        case .readOnly: store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        case .plain: guard bench_open_plainly(path + "/seg") > segmentCount else { return false }
        }
        let milliseconds = (Meter.threadTime.reading - start.thread) / 1e6
        let wallMilliseconds = (Meter.wallTime.reading - start.wall) / 1e6
        print(milliseconds, wallMilliseconds, try OwnProcess.peakMebibytes())
        await store?.close()
        return true
    }
}
