import Foundation

/// Which clock a measurement reads.
enum Meter {
    /// Time that the calling thread spent on a processor: other programs count little.
    case threadTime
    /// Time that all threads of the program spent on a processor.
    case processTime
    /// Time that went by.
    case wallTime

    /// Nanoseconds that the body took.
    func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = reading
        try body()
        return reading - start
    }

    /// Nanoseconds on the clock.
    var reading: Double {
        var time = timespec()
        let clock =
            switch self {
            case .threadTime: CLOCK_THREAD_CPUTIME_ID
            case .processTime: CLOCK_PROCESS_CPUTIME_ID
            case .wallTime: CLOCK_MONOTONIC
            }
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

extension [Double] {
    /// The middle value of a list that is not empty.
    var median: Double {
        let sorted = sorted()
        return (sorted[count / 2] + sorted[(count - 1) / 2]) / 2
    }
}

extension Double {
    /// The number with so many digits behind the point.
    func text(_ digitCount: Int) -> String { String(format: "%.\(digitCount)f", self) }
}

/// A folder for the length of a measurement.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "flux-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        // A folder that stays costs space, no result.
        try? FileManager.default.removeItem(atPath: path)
    }
}
