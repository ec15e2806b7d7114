/// The order of a list of executions.
public enum ExecutionOrder: String, Sendable, CaseIterable {
    /// Newest start first; among equal starts last stored first; executions without a time last.
    case newestFirst = "n"
    /// The other way round: executions without a time first.
    case oldestFirst = "o"
}

/// Where a row stands in a list.
package struct ListPlace: Hashable, Sendable, Comparable {
    /// Nanoseconds since 1970; 0 where there is no time.
    package var startedAt: UInt64
    /// The sequence of the execution's first frame.
    package var firstFrameSequence: UInt64

    package init(startedAt: UInt64, firstFrameSequence: UInt64) {
        self.startedAt = startedAt
        self.firstFrameSequence = firstFrameSequence
    }

    package static func < (first: ListPlace, second: ListPlace) -> Bool {
        (first.startedAt, first.firstFrameSequence) < (second.startedAt, second.firstFrameSequence)
    }
}

extension ExecutionOrder {
    /// Whether one place comes before another in a list.
    package func puts(_ first: ListPlace, before second: ListPlace) -> Bool {
        self == .newestFirst ? first > second : first < second
    }
}

/// The place in a list behind which the next page begins.
///
/// It belongs to one store, one query and one order, and is refused with others. Its text is for the caller to keep, not
/// to read.
public struct PageToken: Hashable, Sendable, LosslessStringConvertible {
    package let order: ExecutionOrder
    package let storeID: UInt64
    /// ``ExecutionQuery/digest`` of the query.
    package let queryDigest: UInt64
    package let place: ListPlace

    package init(order: ExecutionOrder, storeID: UInt64, queryDigest: UInt64, place: ListPlace) {
        self.order = order
        self.storeID = storeID
        self.queryDigest = queryDigest
        self.place = place
    }

    /// Reads what ``description`` gave; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 5, let order = ExecutionOrder(rawValue: String(parts[0])) else { return nil }
        let numbers = parts.dropFirst().compactMap { UInt64($0, radix: 36) }
        guard numbers.count == 4 else { return nil }
        self.init(
            order: order, storeID: numbers[0], queryDigest: numbers[1],
            place: ListPlace(startedAt: numbers[2], firstFrameSequence: numbers[3]))
        // Other spellings of the same numbers, as with a sign, are none of ours.
        guard description == text else { return nil }
    }

    /// The token as text.
    public var description: String {
        let numbers = [storeID, queryDigest, place.startedAt, place.firstFrameSequence]
        return ([order.rawValue] + numbers.map { String($0, radix: 36) }).joined(separator: "-")
    }
}
