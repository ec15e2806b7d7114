import Foundation
import Glibc

/// What the system says of this process.
enum ProcessFigures {
    /// What the open descriptors are of, in order, but for the timers of the runtime and the pipes through which a sanitizer
    /// asks for the names of functions. A store has neither.
    static var descriptors: [String] {
        get throws {
            let folder = "/proc/self/fd"
            // The one that reads the folder is gone by then.
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
                .filter { !$0.hasPrefix("anon_inode:") && !$0.hasPrefix("pipe:") }.sorted()
        }
    }

    /// Bytes of memory that are in use.
    static var residentByteCount: Int {
        get throws {
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            let fields = text.split(separator: " ")
            guard fields.count > 1, let pages = Int(fields[1]) else { throw SoakFailure("statm says \(text)") }
            return pages * sysconf(Int32(_SC_PAGESIZE))
        }
    }
}

/// The greatest memory and the most descriptors in use, over two parts of a run: the one begins when a fifth of it is over,
/// the other is the last fifth.
struct RunFigures {
    let start: ContinuousClock.Instant
    let end: ContinuousClock.Instant
    private(set) var early = 0
    private(set) var late = 0
    private(set) var descriptorCountMax = 0

    mutating func note() throws {
        let share = (ContinuousClock.now - start) / (end - start)
        let byteCount = try ProcessFigures.residentByteCount
        if (0.2..<0.5).contains(share) { early = max(early, byteCount) }
        if share > 0.8 { late = max(late, byteCount) }
        descriptorCountMax = max(descriptorCountMax, try ProcessFigures.descriptors.count)
    }

    /// Bytes by which the last part may be over the first: 16 MiB, and a quarter.
    var growthMax: Int { 16 << 20 + early / 4 }
}
