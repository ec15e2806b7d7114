import CBenchFrames
import FluxFormat
import FluxStore

/// Claim: appending executions, each durable and indexed when the call returns, takes at most five times the processor
/// time of plain compress, hash, write and fdatasync of the same frames in C.
struct AppendBenchmark {
    private static let floor = 0.2
    private static let roundCount = 7

    let path: String

    /// Nanoseconds by two clocks.
    private struct Time {
        var process = Meter.processTime.reading
        var wall = Meter.wallTime.reading

        static func - (end: Time, start: Time) -> Time {
            Time(process: end.process - start.process, wall: end.wall - start.wall)
        }
    }

    func run() async throws -> Bool {
        let executions = try EventStore.open(at: path, options: StoreOptions(access: .readOnly)).allExecutions()
        let frames = try await Self.frames(of: executions)
        var rounds: [(store: Time, plain: Time)] = []
        for number in 0..<Self.roundCount {
            let folder = try ScratchFolder()
            var plain = number.isMultiple(of: 2) ? try Self.appendPlainly(frames, in: folder) : nil
            let start = Time()
            try await EventStore.fill(
                folder.path + "/store", with: executions, frameByteCountTarget: FormatLimit.frameByteCountTarget)
            let store = Time() - start
            if plain == nil { plain = try Self.appendPlainly(frames, in: folder) }
            if let plain { rounds.append((store, plain)) }
        }
        return report(rounds, executions: executions, frames: frames)
    }

    private func report(
        _ rounds: [(store: Time, plain: Time)], executions: [Execution], frames: DecodedFrames
    ) -> Bool {
        let ratio = rounds.map { $0.plain.process / $0.store.process }.median
        func row(_ name: String, _ clock: KeyPath<Time, Double>) -> String {
            func milliseconds(_ times: [Time]) -> String { (times.map { $0[keyPath: clock] / 1e6 }.median).text(0) }
            let ratio = rounds.map { $0.plain[keyPath: clock] / $0.store[keyPath: clock] }.median
            return "\(name) store \(milliseconds(rounds.map(\.store))) ms, "
                + "C \(milliseconds(rounds.map(\.plain))) ms, C / store = \(ratio.text(3))"
        }
        print("\(executions.count) executions, \(frames.byteCount) bytes raw; medians of \(rounds.count) rounds")
        print(row("processor:", \.process))
        print(row("wall:     ", \.wall))
        print("floor \(Self.floor) of the first ratio: \(ratio >= Self.floor ? "held" : "MISSED")")
        return ratio >= Self.floor
    }

    private static func appendPlainly(_ frames: DecodedFrames, in folder: ScratchFolder) throws -> Time {
        let start = Time()
        guard bench_append(frames.pointer, folder.path) else {
            throw BenchmarkError("\(folder.path): could not write a file")
        }
        return Time() - start
    }

    private static func frames(of executions: [Execution]) async throws -> DecodedFrames {
        let folder = try ScratchFolder()
        try await EventStore.fill(
            folder.path, with: executions, frameByteCountTarget: FormatLimit.frameByteCountTarget)
        return try StoreFiles(of: folder.path).frames()
    }
}
