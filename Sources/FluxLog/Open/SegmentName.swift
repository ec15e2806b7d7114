import FluxFormat

/// The name of a segment file: `<segment, 8 hex digits>.<generation, 4 hex digits>.rpl`.
///
/// A file is made ahead of time under a name that ends in ``spareSuffix``, and loses that when it is the active segment.
package struct SegmentName: Hashable, Sendable, Comparable {
    package static let directory = "seg"
    /// Ends the name of a file that was made for the next segment.
    package static let spareSuffix = ".next"

    /// Ends the name of a segment that is being written anew; the file is renamed when it is whole.
    package static let rewriteSuffix = ".new"

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
            let segment = UInt32(parts[0], radix: 16), let generation = UInt32(parts[1], radix: 16),
            (1...FormatLimit.segmentMax).contains(segment)
        else { return nil }
        self.init(segment: segment, generation: generation)
        // Other spellings of the same numbers would be opened under another name.
        guard fileName == name else { return nil }
    }

    /// Reads the name of a file that has a suffix behind that of its segment; `nil` for any other.
    init?(_ name: String, suffix: String) {
        guard name.hasSuffix(suffix) else { return nil }
        self.init(String(name.dropLast(suffix.count)))
    }

    package static func < (first: SegmentName, second: SegmentName) -> Bool {
        (first.segment, first.generation) < (second.segment, second.generation)
    }

    /// The file's name.
    package var fileName: String { "\(Self.digits(segment, 8)).\(Self.digits(generation, 4)).rpl" }

    /// The name under which the file is made, before it is the active segment.
    package var spareFileName: String { fileName + Self.spareSuffix }

    /// The name under which a generation is written.
    package var rewriteFileName: String { fileName + Self.rewriteSuffix }

    private static func digits(_ number: UInt32, _ count: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
