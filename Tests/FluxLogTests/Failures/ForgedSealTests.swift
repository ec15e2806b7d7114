import FluxFiles
import FluxFormat
import Testing

@testable import FluxLog

/// Seals that verify, made by someone who writes hashes as well.
@Suite("Seals that say what no writer says")
struct ForgedSealTests {
    private static let encoder = FrameEncoder(storeSalt: 4)

    private func part(_ section: SealSection, _ bytes: [UInt8]) -> EncodedFrame {
        Self.encoder.encode(.seal, bytes, flags: [], section: section.rawValue, part: 0)
    }

    /// The seal of a segment that holds these frames alone.
    private func read(_ parts: [EncodedFrame]) throws -> SegmentSeal {
        let header = SegmentHeader(
            storeID: StoreID(high: 1, low: 2), segment: 1, segmentSalt: 3, storeSalt: 4, previousEnd: .zero,
            previousLastFrameHash: 5, firstFrameSequence: 1, createdAt: 6, writerEpoch: 7)
        var bytes = header.encoded
        for part in parts {
            let position = Position(segment: 1, offset: bytes.count)
            bytes += part.header.encoded(at: position, segmentSalt: 3).bytes + part.payload
        }
        let disk = MemoryDisk()
        disk.contents["segment"] = bytes
        let trailer = SegmentTrailer(
            sealPosition: Position(segment: 1, offset: 4096), frameCount: 1, executionCount: 0, firstFrameSequence: 1,
            lastFrameHash: 0, wallFirst: 0, wallLast: 0)
        return try SegmentSeal(
            reading: try MemoryFileSystem(disk: disk).open("segment", .read), segment: header, trailer: trailer,
            end: bytes.count)
    }

    private func isRefused(_ parts: [EncodedFrame], _ reason: String) {
        #expect(throws: LogError.damaged(path: "segment", offset: 4096, .invalidField(reason))) { try read(parts) }
    }

    /// A directory of frames, one of executions, no META, and a filter.
    private var empty: [EncodedFrame] {
        [part(.frames, []), part(.executions, []), part(.filter, BloomFilter(idCount: 0).encoded)]
    }

    @Test("One that tells of nothing is read")
    func nothing() throws {
        let seal = try read(empty + [part(.statistics, SealStatistics().encoded)])
        #expect(seal.frames.isEmpty && seal.executions.isEmpty && seal.records.isEmpty && seal.sealFrameCount == 4)
    }

    @Test("A section of an unknown number, and a frame of another kind, are refused")
    func strangers() {
        isRefused(
            [Self.encoder.encode(.seal, [1], flags: [], section: 9, part: 0)],
            "a frame in the seal that is none of its parts")
        var other = part(.frames, [])
        other.header.kind = FrameKind.dictionary.rawValue
        isRefused([other], "a frame in the seal that is none of its parts")
    }

    @Test("A directory or statistics of a length that no number of entries has are refused")
    func lengths() {
        isRefused([part(.frames, [1, 2, 3])], "length of a directory")
        isRefused([part(.executions, [1, 2, 3])], "length of a directory")
        isRefused(
            empty + [part(.statistics, SealStatistics().encoded + [0])], "length of a seal's statistics")
    }

    @Test("A part that is stored with another length, or does not decompress to it, is refused")
    func codecs() {
        var stored = part(.frames, [1, 2, 3])
        stored.header.rawByteCount += 8
        isRefused([stored], "codec of a seal")
        var compressed = part(.frames, [UInt8](repeating: 0, count: 4000))
        #expect(compressed.header.headsCodec == .lz4)
        compressed.header.rawByteCount += 8
        isRefused([compressed], "an LZ4 block that does not decode")
    }
}
