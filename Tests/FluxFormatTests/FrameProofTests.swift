import FluxFormat
import TestSupport
import Testing

/// What stands behind the hashes of a frame: sections that verify, made by someone who writes hashes as well.
@Suite("Proofs of a frame's contents")
struct FrameProofTests {
    /// Proves sections and reads every record of them; `nil` when they are refused.
    private func read(
        heads: [UInt8], bodies: [UInt8], prologue: FramePrologue, header: FrameHeader
    ) -> Int? {
        do {
            let contents = try FrameContents(
                proving: heads.rawSpan, bodies: bodies.rawSpan, prologue: prologue, header: header)
            _ = try? FrameContents.metadata(inHeads: heads.rawSpan, prologue: prologue)
            var byteCount = 0
            for index in 0..<contents.recordCount {
                let view = contents.record(at: index)
                byteCount += view.payload.byteCount + view.descriptor.byteCount + view.lane.utf8.count
                byteCount += view.name?.utf8.count ?? 0
                if view.kind == .http { _ = try? HTTPExchange(payload: view.payload) }
            }
            return byteCount
        } catch {
            _ = try? FrameContents.metadata(inHeads: heads.rawSpan, prologue: prologue)
            return nil
        }
    }

    private func parts() throws -> (FramePrologue, FrameHeader) {
        let header = try FrameBytesTests.header()
        let payload = FrameBytesTests.payloadBytes
        let prologue = try FramePrologue(parsing: payload.rawSpan, header: header)
        return (prologue, header)
    }

    @Test("Heads flipped at every bit are refused or read in bounds")
    func flippedHeads() throws {
        let (prologue, header) = try parts()
        let heads = FrameBytesTests.headsBytes
        let bodies = FrameBytesTests.bodiesBytes
        #expect(read(heads: heads, bodies: bodies, prologue: prologue, header: header) == 32 + 5 + 3 + 8 + 2 + 3)
        for offset in heads.indices {
            for bit in 0..<8 {
                _ = read(heads: heads.flipped(at: offset, 1 << bit), bodies: bodies, prologue: prologue, header: header)
            }
        }
    }

    @Test("Heads and bodies of other lengths than the prologue says are refused")
    func cutSections() throws {
        let (prologue, header) = try parts()
        for byteCount in FrameBytesTests.headsBytes.indices {
            let heads = Array(FrameBytesTests.headsBytes.prefix(byteCount))
            #expect(
                read(heads: heads, bodies: FrameBytesTests.bodiesBytes, prologue: prologue, header: header) == nil)
        }
        for byteCount in FrameBytesTests.bodiesBytes.indices {
            let bodies = Array(FrameBytesTests.bodiesBytes.prefix(byteCount))
            #expect(
                read(heads: FrameBytesTests.headsBytes, bodies: bodies, prologue: prologue, header: header) == nil)
        }
    }

    @Test("A prologue with any field at an extreme is refused or read in bounds")
    func extremePrologue() throws {
        let (prologue, header) = try parts()
        let extremes: [UInt32] = [0, 1, 7, 40, 159, 161, 183, 185, 200, 201, 202, 0x7FFF_FFFF, 0xFFFF_FFFF]
        let fields: [WritableKeyPath<FramePrologue, UInt32>] = [
            \.recordCount, \.offsetsAt, \.stringsAt, \.stringCount, \.payloadOffset,
        ]
        for first in fields {
            for second in fields {
                for value in extremes {
                    for other in extremes {
                        var changed = prologue
                        changed[keyPath: first] = value
                        changed[keyPath: second] = other
                        _ = read(
                            heads: FrameBytesTests.headsBytes, bodies: FrameBytesTests.bodiesBytes,
                            prologue: changed, header: header)
                    }
                }
            }
        }
    }

    @Test("A header that tells of more or fewer events than the records end is refused", arguments: [0, 1, 3, 65535])
    func wrongEventCount(count: UInt16) throws {
        let (prologue, whole) = try parts()
        var header = whole
        header.eventCount = count
        #expect(
            read(
                heads: FrameBytesTests.headsBytes, bodies: FrameBytesTests.bodiesBytes, prologue: prologue,
                header: header) == nil)
    }

    @Test("META anywhere but in front is refused")
    func metadataBehind() throws {
        let (prologue, header) = try parts()
        var heads = FrameBytesTests.headsBytes
        heads.store(UInt16(1), at: 72 + 4)
        #expect(read(heads: heads, bodies: FrameBytesTests.bodiesBytes, prologue: prologue, header: header) == nil)
    }

    @Test("Heads changed at several places at once", arguments: 0..<20 as Range<UInt64>)
    func manyChanges(seed: UInt64) throws {
        let (prologue, header) = try parts()
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var heads = FrameBytesTests.headsBytes
            var changed = prologue
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let offset = 4 * Int.random(in: 0..<heads.count / 4, using: &generator)
                let near = UInt32.random(in: 0...210, using: &generator)
                heads.store(Bool.random(using: &generator) ? near : ~near, at: offset)
            }
            if Bool.random(using: &generator) { changed.recordCount = .random(in: 0...8, using: &generator) }
            if Bool.random(using: &generator) { changed.stringCount = .random(in: 0...8, using: &generator) }
            if Bool.random(using: &generator) { changed.offsetsAt = .random(in: 0...210, using: &generator) }
            if Bool.random(using: &generator) { changed.stringsAt = .random(in: 0...210, using: &generator) }
            var other = header
            other.eventCount = .random(in: 0...4, using: &generator)
            _ = read(heads: heads, bodies: FrameBytesTests.bodiesBytes, prologue: changed, header: other)
        }
    }

    @Test("A frame header behind a right hash holds only what can be read", arguments: [4, 5, 6, 8, 15])
    func refusedHeaders(offset: Int) throws {
        // Eleven words; an unknown kind; a reserved codec; more stored than decoded; 32 MiB.
        let changes: [Int: UInt8] = [4: 0x07, 5: 0x02, 6: 0x03, 8: 0x80, 15: 0x02]
        var bytes = FrameBytesTests.headerBytes
        bytes[offset] = bytes[offset] ^ (try #require(changes[offset]))
        let header = Self.rehashed(bytes)
        #expect { try Self.parse(header) } throws: {
            guard case FormatError.hashMismatch = $0 else { return $0 is FormatError }
            return false
        }
    }

    @Test("A kind that may be skipped is read; every bit of a header with its hash made anew never traps")
    func rehashedHeaders() throws {
        var skippable = FrameBytesTests.headerBytes
        skippable[5] = 0x91
        #expect(try Self.parse(Self.rehashed(skippable)).frameKind == nil)
        for offset in 0..<88 {
            for bit in 0..<8 {
                let header = try? Self.parse(Self.rehashed(FrameBytesTests.headerBytes.flipped(at: offset, 1 << bit)))
                if let header { #expect(header.frameByteCount <= 96 + 16 << 20) }
            }
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(FormatError) -> FrameHeader {
        try FrameHeader(
            parsing: bytes.rawSpan, at: FrameBytesTests.position, segmentSalt: SegmentBytesTests.segmentSalt)
    }

    /// The header with the hash that its bytes have at their place.
    private static func rehashed(_ header: [UInt8]) -> [UInt8] {
        var bytes = header
        let seed = SegmentBytesTests.segmentSalt ^ (FrameBytesTests.position.rawValue &* 0x9E37_79B9_7F4A_7C15)
        bytes.store(XXH3.hash(bytes.rawSpan.extracting(0..<88), seed: seed), at: 88)
        return bytes
    }
}
