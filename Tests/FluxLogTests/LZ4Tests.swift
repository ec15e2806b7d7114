import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

@Suite("LZ4 blocks")
struct LZ4Tests {
    private func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: bytes.count)
        let count = block.withUnsafeMutableBytes { LZ4.compress(bytes, into: $0) }
        return count.map { Array(block.prefix($0)) }
    }

    private func decompress(_ block: [UInt8], byteCount: Int) throws(FormatError) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.reserve(byteCount)
        try buffer.withMutableBytes(0..<byteCount) { (target) throws(FormatError) in
            try LZ4.decompress(block.rawSpan, into: target)
        }
        return buffer.span(0..<byteCount).array
    }

    @Test("A block typed by hand: a literal, a match of 94 bytes one byte back, five literals")
    func typed() throws {
        let block: [UInt8] = [0x1F, 0x61, 0x01, 0x00, 75, 0x50, 0x61, 0x61, 0x61, 0x61, 0x61]
        #expect(try decompress(block, byteCount: 100) == [UInt8](repeating: 0x61, count: 100))
    }

    @Test("A block that is cut, flipped or of another length is refused or decoded, within its bounds")
    func damaged() throws {
        let block: [UInt8] = [0x1F, 0x61, 0x01, 0x00, 75, 0x50, 0x61, 0x61, 0x61, 0x61, 0x61]
        for byteCount in 0..<block.count {
            #expect(throws: FormatError.self) { try decompress(Array(block.prefix(byteCount)), byteCount: 100) }
        }
        for byteCount in [0, 1, 99, 101, 4096] {
            #expect(throws: FormatError.self) { try decompress(block, byteCount: byteCount) }
        }
        for offset in block.indices {
            for bit in 0..<8 {
                var flipped = block
                flipped[offset] ^= 1 << bit
                _ = try? decompress(flipped, byteCount: 100)
            }
        }
    }

    @Test("A section is compressed where that saves an eighth, and has 64 bytes at least")
    func whenCompressed() throws {
        #expect(compress(Array(repeating: 0, count: 63)) == nil)
        #expect(compress(Array(repeating: 0, count: 64)) != nil)
        var generator = SeededGenerator(seed: 1)
        let noise = (0..<10_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        #expect(compress(noise) == nil)
        let text = noise + [UInt8](repeating: 7, count: 10_000)
        let block = try #require(compress(text))
        #expect(block.count <= text.count - text.count / 8)
        #expect(try decompress(block, byteCount: text.count) == text)
    }
}
