import FluxFormat
import FluxLog

/// Which segments a policy drops: decided here, done elsewhere.
struct RetentionPlan: Equatable {
    /// A segment as far as it matters here.
    struct Segment: Equatable {
        let number: UInt32
        let byteCount: UInt64
        let isSealed: Bool
        /// Nanoseconds since 1970 behind which nothing of it was recorded or written; `nil` where nothing tells it.
        let end: UInt64?
    }

    /// The segments that go: the first ones.
    private(set) var dropped: ArraySlice<Segment>
    /// Bytes of those that stay.
    private(set) var keptByteCount: UInt64

    /// `segments` are all of the log in order, and `now` is in nanoseconds since 1970.
    init(_ segments: [Segment], policy: RetentionPolicy, now: UInt64) {
        var kept = segments.reduce(0) { $0 + $1.byteCount }
        var count = 0
        // The last one tells the next where to go on.
        for segment in segments.dropLast() {
            guard segment.isSealed else { break }
            let isTooOld = policy.maxAge.map { Self.isOlder(segment.end, than: $0, now: now) } ?? false
            let isTooMuch = policy.maxByteCount.map { kept > $0 } ?? false
            guard isTooOld || isTooMuch else { break }
            kept -= segment.byteCount
            count += 1
        }
        dropped = segments.prefix(count)
        keptByteCount = kept
    }

    private static func isOlder(_ end: UInt64?, than age: Duration, now: UInt64) -> Bool {
        guard let end, end < now else { return false }
        return Duration.seconds((now - end) / 1_000_000_000) + .nanoseconds((now - end) % 1_000_000_000) > age
    }
}

extension RetentionPlan.Segment {
    /// A segment and the one behind it, whose header was written when this one had ended.
    init(_ segment: ListedSegment, next: ListedSegment?) {
        let end = next.map { max($0.header.createdAt, segment.trailer?.wallLast ?? 0) }
        self.init(
            number: segment.name.segment, byteCount: UInt64(segment.end.offset), isSealed: segment.isSealed, end: end)
    }
}
