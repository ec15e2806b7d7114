import FluxFormat

/// The part of the order of lists that is still to come: decided here, without a database.
///
/// The order is that of starts, and among equal starts that of numbers. What comes lies behind a start and a number, and
/// not behind a last start: one range of any table of entries.
struct ListSpan: Equatable {
    /// The start and the number that it lies behind.
    var start: UInt64
    var number: Int64
    /// The last start in it.
    var last: UInt64

    /// What lies in a range of starts and behind a place; `nil` where nothing does.
    init?(_ starts: ClosedRange<UInt64>, behind place: ListPlace?, order: ExecutionOrder) {
        let (first, beyond): (UInt64, Int64) =
            order == .newestFirst ? (starts.upperBound, .max) : (starts.lowerBound, .min)
        last = order == .newestFirst ? starts.lowerBound : starts.upperBound
        (start, number) = (first, beyond)
        guard let place else { return }
        let isPast = order == .newestFirst ? place.startedAt < last : place.startedAt > last
        if isPast { return nil }
        if starts.contains(place.startedAt) { pass(place) }
    }

    /// Moves on behind a place that lies in it.
    mutating func pass(_ place: ListPlace) {
        start = place.startedAt
        number = Int64(clamping: place.firstFrameSequence)
    }
}

extension ExecutionQuery {
    /// The starts that match, where no start is 0; `nil` where none does.
    var starts: ClosedRange<UInt64>? {
        guard startedAtFirst != nil || startedAtEnd != nil else { return 0...UInt64.max }
        // No start is stored as 0, and does not match.
        let first = max(startedAtFirst ?? 1, 1)
        guard startedAtEnd != 0 else { return nil }
        let last = startedAtEnd.map { $0 - 1 } ?? .max
        return first <= last ? first...last : nil
    }
}
