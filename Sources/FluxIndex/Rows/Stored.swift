import FluxFormat

/// The start of an execution as lists order by it.
///
/// SQLite compares signed numbers: shifted by 2^63 they lie in the order of the unsigned ones. No start is 0,
/// so that it comes last; whether a start of 0 is one is a bit of ``RowState``.
enum StartKey {
    static func stored(_ start: UInt64) -> SQLiteValue { .bits(start ^ (1 << 63)) }
    static func start(_ stored: Int64) -> UInt64 { UInt64(bitPattern: stored) ^ (1 << 63) }
}

/// Bits of the column `state`.
struct RowState: OptionSet {
    let rawValue: UInt8

    /// The last frame is applied.
    static let isFinished = RowState(rawValue: 1 << 0)
    /// The column `started` holds a start.
    static let hasStart = RowState(rawValue: 1 << 1)
}

/// The counts of events of each kind as bytes: kind and count by turns, ascending by kind, each in base 128
/// with the least significant digit first and the upper bit set in all but the last.
enum KindCountBytes {
    static func encoded(_ counts: [EventKind: UInt64]) -> [UInt8]? {
        if counts.isEmpty { return nil }
        var bytes: [UInt8] = []
        for (kind, count) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            append(UInt64(kind.rawValue), to: &bytes)
            append(count, to: &bytes)
        }
        return bytes
    }

    /// Reads the bytes; `nil` for what ``encoded(_:)`` does not write.
    static func decoded(_ bytes: [UInt8]) -> [EventKind: UInt64]? {
        var counts: [EventKind: UInt64] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let number = next(in: &rest), let kind = UInt16(exactly: number),
                let count = next(in: &rest)
            else {
                return nil
            }
            counts[EventKind(rawValue: kind)] = count
        }
        return counts
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func next(in bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            number |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return number }
        }
        return nil
    }
}
