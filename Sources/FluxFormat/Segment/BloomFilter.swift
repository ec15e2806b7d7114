/// A split-block Bloom filter over execution ids: says "not here" for certain, "perhaps here" otherwise.
///
/// Blocks of 256 bits, one bit in each of eight words for every id, about ten bits an id (Putze, Sanders and Singler,
/// "Cache-, hash- and space-efficient Bloom filters", 2007; the layout is that of Apache Parquet). Some 1 % of the ids
/// that are absent pass.
package struct BloomFilter: Sendable, Equatable {
    private static let wordsPerBlock = 8
    private static let bitsPerID = 10
    private static let salts: [UInt32] = [
        0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31,
    ]

    private var words: [UInt32]

    /// An empty filter for so many ids.
    package init(idCount: Int) {
        let blocks = max(1, (idCount * Self.bitsPerID + 255) / 256)
        words = Array(repeating: 0, count: blocks * Self.wordsPerBlock)
    }

    /// Inserts an id; `false` where it may have been inserted before.
    @discardableResult
    package mutating func insert(_ id: ExecutionID) -> Bool {
        let hash = Self.hash(id)
        let block = blockStart(hash)
        var isNew = false
        for index in 0..<Self.wordsPerBlock {
            let mask = Self.mask(hash, index)
            isNew = isNew || words[block + index] & mask == 0
            words[block + index] |= mask
        }
        return isNew
    }

    /// Whether the id may have been inserted.
    package func mayContain(_ id: ExecutionID) -> Bool {
        let hash = Self.hash(id)
        let block = blockStart(hash)
        return (0..<Self.wordsPerBlock).allSatisfy { words[block + $0] & Self.mask(hash, $0) != 0 }
    }

    private func blockStart(_ hash: UInt64) -> Int {
        let blocks = UInt64(words.count / Self.wordsPerBlock)
        return Int(((hash >> 32) &* blocks) >> 32) * Self.wordsPerBlock
    }

    private static func hash(_ id: ExecutionID) -> UInt64 {
        unsafe withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { bytes in
            XXH3.hash(unsafe RawSpan(_unsafeBytes: bytes), seed: 0)
        }
    }

    private static func mask(_ hash: UInt64, _ index: Int) -> UInt32 {
        1 << ((UInt32(truncatingIfNeeded: hash) &* salts[index]) >> 27)
    }

    /// `{u32 block count, u32 0}`, then the words of the blocks.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(words.count / Self.wordsPerBlock))
        bytes.append(littleEndian: UInt32(0))
        for word in words { bytes.append(littleEndian: word) }
        return bytes
    }

    package init(parsing bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount >= 8 else { throw .truncated(needed: 8, available: bytes.byteCount) }
        let blocks = Int(bytes.load(at: 0, as: UInt32.self))
        guard blocks > 0, bytes.byteCount == 8 + 32 * blocks else { throw .invalidField("Bloom filter size") }
        words = (0..<blocks * Self.wordsPerBlock).map { bytes.load(at: 8 + 4 * $0) }
    }
}
