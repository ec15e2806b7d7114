import FluxFormat

/// The start of an execution as lists order by it.
///
/// SQLite compares signed numbers: shifted by 2^63 they lie in the order of the unsigned ones. No start is 0,
/// so that it comes last; whether a start of 0 is one is a bit of ``RowState``.
enum StartKey {
    static func stored(_ start: UInt64) -> SQLiteValue { .bits(start ^ (1 << 63)) }
    static func start(_ stored: Int64) -> UInt64 { UInt64(bitPattern: stored) ^ (1 << 63) }
}

/// Durations in classes, four for each power of two: what lists by duration are found by.
enum DurationClass {
    /// The class of the longest duration.
    static let greatest: Int64 = 251

    /// The class of a duration: those below 8 are their own, then `4k` to `4k + 3` quarter the range from 2^(k + 1).
    static func number(_ nanoseconds: UInt64) -> Int64 {
        guard nanoseconds > 3 else { return Int64(nanoseconds) }
        let power = 63 - nanoseconds.leadingZeroBitCount
        return Int64(4 * (power - 1)) + Int64(nanoseconds >> UInt64(power - 2) & 3)
    }

    /// The durations of a class.
    static func durations(_ number: Int64) -> ClosedRange<UInt64> {
        guard number > 3 else { return UInt64(number)...UInt64(number) }
        let quarter: UInt64 = 1 << UInt64(number / 4 - 1)
        let first = quarter * (4 + UInt64(number % 4))
        return first...(first + (quarter - 1))
    }
}

/// What is known of an execution; the bits of the column `state` say the opposite, since SQLite stores 0 in no byte.
struct RowState: OptionSet {
    let rawValue: UInt8

    /// The last frame is applied.
    static let isFinished = RowState(rawValue: 1 << 0)
    /// The column `started` holds a start.
    static let hasStart = RowState(rawValue: 1 << 1)

    /// The column's value.
    var stored: UInt8 { rawValue ^ 3 }

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Reads the column's value.
    init(stored: UInt8) {
        rawValue = stored ^ 3
    }
}

/// The counts of events of each kind as bytes, ascending by kind, in numbers of base 128.
///
/// A kind that is less than 31 behind the next possible one, at first 16, is one number: that distance, and the count
/// times 32. Any other is three: 31, kind and count.
enum KindCountBytes {
    private static let mark: UInt64 = 31
    private static let countMax: UInt64 = .max >> 5

    static func encoded(_ counts: [EventKind: UInt64]) -> [UInt8]? {
        if counts.isEmpty { return nil }
        var bytes: [UInt8] = []
        var next = UInt64(EventKind.http.rawValue)
        for (kind, count) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let number = UInt64(kind.rawValue)
            if number >= next, number - next < mark, count <= countMax {
                bytes.append(base128: count << 5 | (number - next))
            } else {
                bytes.append(base128: mark)
                bytes.append(base128: number)
                bytes.append(base128: count)
            }
            next = number + 1
        }
        return bytes
    }

    /// Reads the bytes; `nil` for what ``encoded(_:)`` does not write.
    static func decoded(_ bytes: [UInt8]) -> [EventKind: UInt64]? {
        // A kind takes one byte or more.
        var counts = [EventKind: UInt64](minimumCapacity: bytes.count)
        var rest = bytes[...]
        var next = UInt64(EventKind.http.rawValue)
        while !rest.isEmpty {
            guard var number = rest.popBase128() else { return nil }
            var count = number >> 5
            if number == mark {
                guard let kind = rest.popBase128(), let counted = rest.popBase128() else { return nil }
                (number, count) = (kind, counted)
            } else {
                number = next + (number & 31)
            }
            guard let kind = UInt16(exactly: number) else { return nil }
            counts[EventKind(rawValue: kind)] = count
            next = number + 1
        }
        return counts
    }
}

/// A tag with its key by its number of `dim`.
struct StoredTag: Equatable {
    var key: Int64
    var value: String
}

/// The tags of an execution as bytes: for each the key's number and the byte count of the value in base 128, then
/// the value.
enum TagBytes {
    static func encoded(_ tags: [StoredTag]) -> [UInt8]? {
        if tags.isEmpty { return nil }
        var bytes: [UInt8] = []
        for tag in tags {
            bytes.append(base128: UInt64(bitPattern: tag.key))
            bytes.append(base128: UInt64(tag.value.utf8.count))
            bytes.append(contentsOf: tag.value.utf8)
        }
        return bytes
    }

    /// Reads the bytes; `nil` for what ``encoded(_:)`` does not write.
    static func decoded(_ bytes: [UInt8]) -> [StoredTag]? {
        var tags: [StoredTag] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let key = rest.popBase128(), let count = rest.popBase128(), count <= UInt64(rest.count) else {
                return nil
            }
            tags.append(
                StoredTag(key: Int64(bitPattern: key), value: String(decoding: rest.prefix(Int(count)), as: UTF8.self)))
            rest = rest.dropFirst(Int(count))
        }
        return tags
    }
}

/// Numbers in base 128: the least significant digit first, the upper bit set in all but the last.
extension [UInt8] {
    fileprivate mutating func append(base128 number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}

extension ArraySlice<UInt8> {
    /// Takes a number from the front; `nil` where none is whole.
    fileprivate mutating func popBase128() -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = popFirst() else { return nil }
            number |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return number }
        }
        return nil
    }
}
