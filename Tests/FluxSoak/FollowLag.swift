import Foundation
import Glibc

/// A time of the clock that all processes of the machine share.
struct MonotonicTime: Comparable, Sendable {
    let nanoseconds: UInt64

    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    static func < (first: MonotonicTime, second: MonotonicTime) -> Bool { first.nanoseconds < second.nanoseconds }

    /// The time from an earlier one to this one; zero from a later one.
    func since(_ earlier: MonotonicTime) -> Duration {
        .nanoseconds(nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
    }
}

/// How long something came behind what it is held against, over many times.
struct FollowLag: Sendable {
    /// One that is longer than any before it.
    struct Longest: Sendable {
        var duration = Duration.zero
        /// For how long of it threads of this process waited for a processor.
        var waiting = Duration.zero
    }

    private(set) var longest = Longest()
    private var durations: [Duration] = []

    mutating func note(from start: MonotonicTime, to end: MonotonicTime, _ waits: ProcessorWaits) {
        let duration = end.since(start)
        durations.append(duration)
        if duration > longest.duration {
            longest = Longest(duration: duration, waiting: min(duration, waits.duration(from: start, to: end)))
        }
    }

    /// What so many of a hundred do not exceed.
    func percentile(_ share: Int) -> Duration {
        let sorted = durations.sorted()
        return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * share / 100)]
    }
}

/// For how long threads of this process were ready to run and none of the processors was free, as the system counts it.
struct ProcessorWaits: Sendable {
    private var samples: [(time: MonotonicTime, total: Duration)] = []
    private static let interval = Duration.milliseconds(20)

    /// Notes what the system has counted so far, unless that was noted a moment ago.
    mutating func sample(at time: MonotonicTime) {
        if let last = samples.last, time.since(last.time) < Self.interval { return }
        samples.append((time, Self.total))
    }

    /// The time between the samples around a time span.
    func duration(from start: MonotonicTime, to end: MonotonicTime) -> Duration {
        guard let first = samples.last(where: { $0.time <= start }) ?? samples.first,
            let last = samples.first(where: { $0.time >= end }) ?? samples.last
        else { return .zero }
        return max(.zero, last.total - first.total)
    }

    /// Over all threads that live. A system that does not count says nothing.
    private static var total: Duration {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return threads.reduce(.zero) { total, thread in
            // A thread may end meanwhile.
            guard let text = try? String(contentsOfFile: "/proc/self/task/\(thread)/schedstat", encoding: .utf8),
                let waited = text.split(separator: " ").dropFirst().first.flatMap({ UInt64($0) })
            else { return total }
            return total + .nanoseconds(waited)
        }
    }
}
