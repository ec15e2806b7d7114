import FluxFormat
import TestSupport
import Testing

/// Every decoder of the room over bytes that are cut short or changed: it throws or reads something, it never traps.
@Suite("Cut everywhere, flip everywhere")
struct CutAndFlipTests {
    /// A decoder over whole bytes of its structure.
    struct Structure: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        /// Whether a hash covers every byte, so that every change is refused.
        let isHashed: Bool
        /// Whether no proper prefix is a structure of its own.
        let needsAllBytes: Bool
        let decode: @Sendable (RawSpan) throws -> Void
    }

    static let structures = [
        Structure(
            testDescription: "segment header", bytes: SegmentBytesTests.wholeHeader, isHashed: true,
            needsAllBytes: true
        ) { _ = try SegmentHeader(parsing: $0) },
        Structure(
            testDescription: "segment trailer", bytes: SegmentBytesTests.trailerBytes, isHashed: true,
            needsAllBytes: true
        ) { _ = try SegmentTrailer(parsing: $0, segmentSalt: SegmentBytesTests.segmentSalt) },
        Structure(
            testDescription: "frame header", bytes: FrameBytesTests.headerBytes, isHashed: true, needsAllBytes: true
        ) {
            _ = try FrameHeader(
                parsing: $0, at: FrameBytesTests.position, segmentSalt: SegmentBytesTests.segmentSalt)
        },
        Structure(
            testDescription: "frame prologue", bytes: FrameBytesTests.payloadBytes, isHashed: false,
            needsAllBytes: true
        ) { _ = try FramePrologue(parsing: $0, header: FrameBytesTests.header()) },
        Structure(
            testDescription: "metadata", bytes: MetadataBytesTests.typed, isHashed: false, needsAllBytes: false
        ) { _ = try ExecutionMetadata(parsing: $0) },
        Structure(
            testDescription: "descriptor", bytes: MessageBytesTests.descriptorBytes, isHashed: false,
            needsAllBytes: false
        ) { _ = try EventDescriptor(parsing: $0) },
        Structure(
            testDescription: "HTTP payload", bytes: MessageBytesTests.exchangeBytes, isHashed: false,
            needsAllBytes: false
        ) { _ = try HTTPExchange(payload: $0) },
        Structure(
            testDescription: "payload of parts", bytes: MessageBytesTests.exchangeBytes, isHashed: false,
            needsAllBytes: false
        ) { bytes in
            var reader = try PayloadPartReader(bytes)
            while let part = try reader.next() { _ = part.bytes.byteCount }
        },
        Structure(
            testDescription: "record of a seal", bytes: SealBytesTests.recordBytes, isHashed: false,
            needsAllBytes: false
        ) { bytes in
            var offset = 0
            while offset < bytes.byteCount { _ = try SealedRecord(parsing: bytes, at: &offset) }
        },
        Structure(
            testDescription: "filter", bytes: SealBytesTests.filterBytes, isHashed: false, needsAllBytes: true
        ) { bytes in
            let filter = try BloomFilter(parsing: bytes)
            _ = filter.mayContain(SealBytesTests.id)
        },
    ]

    @Test("Cut at every byte", arguments: structures)
    func cut(structure: Structure) throws {
        #expect(throws: Never.self) { try structure.decode(structure.bytes.rawSpan) }
        for byteCount in 0..<structure.bytes.count {
            // Copied, so that a read behind the end would be one behind the memory.
            let bytes = Array(structure.bytes.prefix(byteCount))
            let error = Self.error(of: structure, bytes)
            if structure.needsAllBytes { #expect(error != nil, "\(byteCount) bytes") }
        }
    }

    @Test("Flipped at every bit", arguments: structures)
    func flip(structure: Structure) {
        for offset in structure.bytes.indices {
            for bit in 0..<8 {
                let error = Self.error(of: structure, structure.bytes.flipped(at: offset, 1 << bit))
                if structure.isHashed { #expect(error != nil, "bit \(bit) of byte \(offset)") }
            }
        }
    }

    @Test("Every field of two, four and eight bytes at its greatest", arguments: structures)
    func greatest(structure: Structure) {
        for width in [2, 4, 8] {
            for offset in stride(from: 0, through: structure.bytes.count - width, by: width) {
                for fill: UInt8 in [0xFF, 0x7F, 0x80] {
                    var bytes = structure.bytes
                    for index in offset..<offset + width { bytes[index] = fill }
                    _ = Self.error(of: structure, bytes)
                }
            }
        }
    }

    @Test("Random bytes", arguments: structures)
    func random(structure: Structure) {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let byteCount = Int.random(in: 0...2 * structure.bytes.count, using: &generator)
            let bytes = (0..<min(byteCount, 400)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            _ = Self.error(of: structure, bytes)
        }
    }

    @Test(
        "Texts of ids, prefixes and tokens",
        arguments: ["018bcfe5-687b-7001-8203-040506070809", "n-3w5e11264sgsf-k-z-9"])
    func texts(text: String) {
        let scalars = Array(text.unicodeScalars)
        for index in scalars.indices {
            for replacement in ["", "+", "-", "\u{0}", "\u{FF10}", "😀", "zzzzzzzzzzzzzzzzz"] {
                var changed = String.UnicodeScalarView(scalars[..<index])
                changed.append(contentsOf: replacement.unicodeScalars)
                changed.append(contentsOf: scalars[(index + 1)...])
                let changedText = String(changed)
                _ = ExecutionID(changedText)
                _ = ExecutionIDPrefix(changedText)
                _ = PageToken(changedText)
            }
            let cut = String(String.UnicodeScalarView(scalars[..<index]))
            #expect(ExecutionID(cut) == nil)
            _ = PageToken(cut)
        }
    }

    /// What the decoder says; decoders of this room throw nothing but ``FormatError``.
    private static func error(of structure: Structure, _ bytes: [UInt8]) -> FormatError? {
        do {
            try structure.decode(bytes.rawSpan)
            return nil
        } catch {
            #expect(error is FormatError, "\(error)")
            return error as? FormatError
        }
    }
}
