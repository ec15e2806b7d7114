import FluxFormat

/// The bytes of an input, taken from the front. Behind their end there are zeros.
struct FuzzInput {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset >= bytes.count }

    mutating func byte() -> UInt8 {
        defer { offset += 1 }
        return isAtEnd ? 0 : bytes[offset]
    }

    mutating func number32() -> Int {
        (0..<4).reduce(0) { number, place in number | Int(byte()) << (8 * place) }
    }

    /// The next bytes, as many as there are.
    mutating func take(_ count: Int) -> [UInt8] {
        let start = min(offset, bytes.count)
        let end = min(start + max(0, count), bytes.count)
        offset = end
        return Array(bytes[start..<end])
    }

    /// All that is left.
    mutating func rest() -> [UInt8] { take(bytes.count) }

    /// How far hashes are put right: the first byte of most inputs.
    mutating func stampLevel() -> StampLevel { StampLevel(rawValue: byte() & 3) ?? .chain }
}

/// How far hashes and links are put right, so that changed bytes get past them.
enum StampLevel: UInt8 {
    /// The bytes are used as they are.
    case none = 0
    /// Every hash fits its bytes.
    case hashes = 1
    /// And every frame and segment goes on from the one before.
    case chain = 2
}
