import FluxIndex
import Foundation
import TestSupport

/// Every documented query over an index of a million executions, what that index costs, and how quickly it is made.
@main
struct QueryBench {
    static let storeID: (high: UInt64, low: UInt64) = (1, 2)

    static func main() {
        do {
            var words = CommandLine.arguments.dropFirst()
            var count = 1_000_000
            var only = ""
            while let option = words.popFirst() {
                if option == "--executions", let number = words.popFirst().flatMap({ Int($0) }), number > 0 {
                    count = number
                } else if option == "--only", let text = words.popFirst() {
                    only = text
                } else {
                    FileHandle.standardError.write(
                        Data("usage: flux-query-bench [--executions N] [--only TEXT]\n".utf8))
                    exit(64)
                }
            }
            exit(try run(count, only: only) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("flux-query-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ count: Int, only: String) throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appending(path: "flux-query-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder that stays costs space, no result.
        defer { try? FileManager.default.removeItem(at: folder) }
        print("\(count) executions of one frame")
        let plain = try IndexBuild(count: count, extras: .none).run(at: folder.appending(path: "plain").path)
        print(
            "bytes an execution, without tags, request and trace: \(plain.bytesText); rows a second: \(plain.rateText)")
        for extras in [Extras.request, .trace, .tags] {
            let part = try IndexBuild(count: max(count / 10, 1), extras: extras)
                .run(at: folder.appending(path: "\(extras.rawValue)").path)
            print("the same with \(extras): \(part.bytesText)")
        }
        let path = folder.appending(path: "all").path
        let all = try IndexBuild(count: count, extras: .all).run(at: path)
        print("the same with all of these: \(all.bytesText); rows a second: \(all.rateText)\n")
        var figures = try PageMeasurement(path: path, count: count, only: only).run()
        figures += try GroupMeasurement(path: path).run()
        figures.append(Figure(name: "bytes an execution", value: plain.bytesPerExecution, unit: "B", floor: 200))
        // Times are no ratios: a short run on a machine that others use tells nothing of them.
        return Figure.report(count >= 1_000_000 ? figures : figures.filter { $0.unit == "B" })
    }
}

/// A figure that must not be over its floor.
struct Figure {
    let name: String
    let value: Double
    let unit: String
    let floor: Double

    /// Prints those that are over; `false` where there are any.
    static func report(_ figures: [Figure]) -> Bool {
        let missed = figures.filter { $0.value > $0.floor }
        print(missed.isEmpty ? "the floors of \(figures.count) figures are held" : "MISSED:")
        for figure in missed {
            print(String(format: "%@: %.2f %@, floor %.0f", figure.name, figure.value, figure.unit, figure.floor))
        }
        return missed.isEmpty
    }
}

/// Milliseconds that the calling thread spends on a processor in `body`.
func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
    let start = now()
    try body()
    return now() - start
}
