import FluxFormat

/// The part of the order of starts that is still to come: decided here, without a database.
///
/// The order is that of starts, and among equal starts that of numbers. Behind a place come first the executions that
/// start with the place's own, then those on its other side: two ranges, because SQLite finds its way into ties only
/// for one start. Without the cut, each page through 100,000 executions without a time would pass all before it.
struct ListSpan: Equatable {
    /// The executions of one start that come behind a number.
    struct Ties: Equatable {
        var start: UInt64
        var number: UInt64
    }

    /// The ties that come first.
    var ties: Ties?
    /// The starts that come then.
    var starts: ClosedRange<UInt64>?

    /// Whether nothing is left.
    var isEmpty: Bool { ties == nil && starts == nil }

    /// What lies in a range of starts and behind a place.
    init(_ range: ClosedRange<UInt64>?, behind place: ListPlace?, order: ExecutionOrder) {
        guard let range else { return }
        let first = range.lowerBound
        let last = range.upperBound
        guard let place else {
            starts = range
            return
        }
        let start = place.startedAt
        if range.contains(start) { ties = Ties(start: start, number: place.firstFrameSequence) }
        switch order {
        case .newestFirst:
            if start > last { starts = range } else if start > first { starts = first...(start - 1) }
        case .oldestFirst:
            if start < first { starts = range } else if start < last { starts = (start + 1)...last }
        }
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
