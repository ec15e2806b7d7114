/// What is wrong with bytes that claim to be in the store's format.
public enum FormatError: Error, Equatable, Sendable {
    /// Fewer bytes than the structure needs.
    case truncated(needed: Int, available: Int)
    /// The first bytes are not those of the structure.
    case wrongMagic
    /// The file was written in another major version of the format.
    case unsupportedVersion(major: Int, minor: Int)
    /// The file uses features, by their bits, that this reader does not know and may not ignore.
    case unsupportedFeatures(UInt32)
    /// A hash does not match the bytes that it covers.
    case hashMismatch(Structure, expected: UInt64, actual: UInt64)
    /// A field holds what no writer writes; the text names the field.
    case invalidField(String)
    /// A size is over a limit of the format.
    case tooLarge(String, byteCount: Int, limit: Int)

    /// The structures that carry a hash of their own.
    public enum Structure: String, Sendable {
        /// The header of a segment file.
        case segmentHeader = "segment header"
        /// The header of a frame.
        case frameHeader = "frame header"
        /// Prologue and heads of a frame, or the whole payload of one without bodies.
        case heads = "frame heads"
        /// The bodies of a frame.
        case bodies = "frame bodies"
        /// The trailer of a sealed segment.
        case trailer = "segment trailer"
        /// A slot of the file HEAD.
        case head = "slot of HEAD"
    }
}

extension FormatError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .truncated(let needed, let available): "cut short: \(needed) bytes needed, \(available) there"
        case .wrongMagic: "not a structure of this format (its first bytes differ)"
        case .unsupportedVersion(let major, let minor):
            "written in format \(major).\(minor), and this version reads format \(SegmentHeader.formatMajor); "
                + (major > SegmentHeader.formatMajor ? "use a newer fluxrun" : "stores of before that are not read")
        case .unsupportedFeatures(let bits):
            "uses features (bits 0x\(String(bits, radix: 16))) that this version does not know; use a newer fluxrun"
        case .hashMismatch(let structure, let expected, let actual):
            "\(structure.rawValue): hash is \(String(actual, radix: 16)), \(String(expected, radix: 16)) was written"
        case .invalidField(let text): "invalid field: \(text)"
        case .tooLarge(let what, let byteCount, let limit): "\(what) has \(byteCount) bytes, the limit is \(limit)"
        }
    }
}
