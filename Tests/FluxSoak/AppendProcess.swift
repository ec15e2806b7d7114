import CPowerLoss
import Foundation
import Glibc

/// A process that appends, seen from the one that will kill it.
final class AppendProcess {
    /// Where a process kills itself.
    struct Stop {
        enum Place: String, CaseIterable {
            case before, within, after
        }

        /// The number of the call that changes files, from 1.
        var call: Int
        var place: Place
    }

    /// Whether processes can note their calls, and stop at one.
    static var canFollowCalls: Bool { power_loss_is_possible() == 1 }

    private let identifier: pid_t
    private let output: Int32
    /// The beginning of a line that was read.
    private var unfinished: [UInt8] = []

    /// Starts it. Its calls are followed where it is to stop at one, or where there is a `journal` for them.
    init(_ options: AppendOptions, following folder: String, journal: String? = nil, stop: Stop? = nil) throws {
        var environment: [String] = []
        if journal != nil || stop != nil { environment.append("FLUX_CALLS_BELOW=\(folder)") }
        if let journal { environment.append("FLUX_CALLS_JOURNAL=\(journal)") }
        if let stop { environment += ["FLUX_CALLS_STOP_AT=\(stop.call)", "FLUX_CALLS_STOP=\(stop.place)"] }
        var pipe: [Int32] = [0, 0]
        guard Glibc.pipe(&pipe) == 0 else { throw SoakFailure("a pipe cannot be made: error \(errno)") }
        // The process has the one end as its output, and the other not at all.
        for descriptor in pipe { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        (identifier, output) = (try Self.spawn(options.words, environment, output: pipe[1]), pipe[0])
        // Its end is the end of the pipe.
        close(pipe[1])
    }

    deinit { close(output) }

    /// Starts this program again.
    private static func spawn(_ words: [String], _ environment: [String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        let arguments = (["flux-soak"] + words).map { strdup($0) }
        let variables = (ProcessInfo.processInfo.environment.map { "\($0)=\($1)" } + environment).map { strdup($0) }
        defer { for text in arguments + variables { free(text) } }
        var identifier: pid_t = 0
        let number = posix_spawn(&identifier, "/proc/self/exe", &actions, nil, arguments + [nil], variables + [nil])
        guard number == 0 else { throw SoakFailure("a process cannot be started: error \(number)") }
        return identifier
    }

    /// Reads until it has printed so many more lines, the time has come, or it has ended.
    func read(lineCount: Int = .max, until deadline: ContinuousClock.Instant? = nil) -> [String] {
        var lines: [String] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while lines.count < lineCount {
            var state = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let left = deadline.map { max(0, Int32(($0 - .now) / .milliseconds(1))) } ?? -1
            guard poll(&state, 1, left) > 0 else { break }
            let count = Glibc.read(output, &buffer, buffer.count)
            guard count > 0 else { break }
            var parts = (unfinished + buffer[..<count])
                .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            unfinished = Array(parts.removeLast())
            lines += parts.map { String(decoding: $0, as: UTF8.self) }
        }
        return lines
    }

    /// Kills it without warning, and returns the whole lines that it had printed and no one has read.
    func kill() -> [String] {
        Glibc.kill(identifier, SIGKILL)
        return finish().lines
    }

    /// Waits for its end; returns the rest of what it printed, and whether it was killed.
    func finish() -> (lines: [String], isKilled: Bool) {
        let lines = read()
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        return (lines, status & 0x7F == SIGKILL)
    }
}
