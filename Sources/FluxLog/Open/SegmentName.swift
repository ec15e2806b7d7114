/// The name of a segment file: `<segment, 8 hex digits>.<generation, 4 hex digits>.rpl`.
package struct SegmentName: Hashable, Sendable, Comparable {
    package static let directory = "seg"

    package let segment: UInt32
    package let generation: UInt32

    package init(segment: UInt32, generation: UInt32 = 0) {
        self.segment = segment
        self.generation = generation
    }

    /// Reads a file's name; `nil` for one that is no segment's.
    package init?(_ name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "rpl", parts[0].utf8.count == 8, parts[1].utf8.count == 4,
            let segment = UInt32(parts[0], radix: 16), let generation = UInt32(parts[1], radix: 16), segment > 0
        else { return nil }
        self.init(segment: segment, generation: generation)
        // Other spellings of the same number name other files.
        guard fileName == name else { return nil }
    }

    package static func < (first: SegmentName, second: SegmentName) -> Bool {
        (first.segment, first.generation) < (second.segment, second.generation)
    }

    /// The file's name.
    package var fileName: String { "\(Self.digits(segment, 8)).\(Self.digits(generation, 4)).rpl" }

    private static func digits(_ number: UInt32, _ count: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
