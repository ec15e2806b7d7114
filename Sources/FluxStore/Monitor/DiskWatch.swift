import FluxLog

/// Notices what the writer waits for too long, while it waits: a disk that hangs never answers.
///
/// Decides only. The writer's thread tells of each step; a thread that does not wait for the disk looks when it was told
/// to. It sleeps without a time while nothing is done, and ``begin(_:now:)`` says when it has to be woken.
struct DiskWatch: Sendable {
    /// Behind so many times the first limit, a step has stalled.
    static let stallFactor: UInt64 = 30

    private let limits: [UInt64]
    private var running: Running?
    /// Whether a step has begun since the last look.
    private var hasBegun = false
    /// Whether who looks was told no time to look again.
    private(set) var isAsleep = false

    private struct Running {
        let step: LogStep
        let since: MonotonicTime
        var reportCount = 0
    }

    /// A step that takes long.
    struct Report: Sendable, Equatable {
        let step: LogStep
        /// Time since it began.
        let nanoseconds: UInt64
        /// Whether this is the second report of the step.
        let isStall: Bool
    }

    /// A step that is over.
    struct Ended: Sendable, Equatable {
        let step: LogStep
        let nanoseconds: UInt64
        /// Whether it was reported while it ran.
        let wasReported: Bool
    }

    init(slowNanoseconds: UInt64) {
        limits = [slowNanoseconds, slowNanoseconds * Self.stallFactor]
    }

    /// A step begins; `true` where who looks has to be woken.
    mutating func begin(_ step: LogStep, now: MonotonicTime) -> Bool {
        running = Running(step: step, since: now)
        hasBegun = true
        defer { isAsleep = false }
        return isAsleep
    }

    /// The step that runs is over; `nil` where none runs.
    mutating func end(now: MonotonicTime) -> Ended? {
        guard let ended = running.take() else { return nil }
        return Ended(step: ended.step, nanoseconds: now.since(ended.since), wasReported: ended.reportCount > 0)
    }

    /// What is to be reported, and when to look again; `nil` for not before something begins.
    mutating func look(now: MonotonicTime) -> (report: Report?, next: MonotonicTime?) {
        var report: Report?
        var next: MonotonicTime?
        if var running {
            if running.reportCount < limits.count, now.since(running.since) >= limits[running.reportCount] {
                report = Report(
                    step: running.step, nanoseconds: now.since(running.since), isStall: running.reportCount > 0)
                running.reportCount += 1
                self.running = running
            }
            if running.reportCount < limits.count { next = running.since + limits[running.reportCount] }
        } else if hasBegun {
            // Steps come and go; one that begins behind this moment is not slow before that one.
            next = now + limits[0]
        }
        hasBegun = running != nil
        isAsleep = next == nil
        return (report, next)
    }
}
