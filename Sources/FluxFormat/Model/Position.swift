/// Where a frame lies in the log: segment number and byte offset, in one number that grows along the log.
///
/// A position is a hint: rewriting a segment moves frames. What is kept outside of a store names a frame by its sequence.
public struct Position: Hashable, Sendable, Comparable {
    /// Segment number in the upper, byte offset in the lower 32 bits.
    public let rawValue: UInt64

    /// Makes a position from its stored number.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Makes a position from its two parts; the offset is below 4 GiB.
    public init(segment: UInt32, offset: Int) {
        precondition(offset >= 0 && offset <= UInt32.max, "a segment is smaller than 4 GiB")
        rawValue = UInt64(segment) << 32 | UInt64(offset)
    }

    /// The start of everything: no frame lies there.
    public static let zero = Position(rawValue: 0)

    /// The segment's number, from 1.
    public var segment: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }

    /// The byte offset in the segment's file.
    public var offset: Int { Int(rawValue & 0xFFFF_FFFF) }

    /// Orders positions along the log.
    public static func < (first: Position, second: Position) -> Bool { first.rawValue < second.rawValue }
}

extension Position: CustomStringConvertible {
    /// `segment:offset`.
    public var description: String { "\(segment):\(offset)" }
}
