import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

/// A region of a segment file in which a bit is flipped.
struct Region: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// An offset in the file of a sealed segment.
    let offset: @Sendable (SegmentBytes) -> Int

    static let all = [
        Region("segment header, magic") { _ in 3 },
        Region("segment header, salt") { _ in 40 },
        Region("segment header, zeros") { _ in 2000 },
        Region("segment header, hash") { _ in 4095 },
        Region("frame header, magic") { _ in 4096 },
        Region("frame header, sequence") { _ in 4096 + 16 },
        Region("frame header, id") { _ in 4096 + 40 },
        Region("frame header, hash") { _ in 4096 + 95 },
        Region("prologue") { _ in 4096 + 96 },
        Region("prologue, bytes of the heads") { _ in 4096 + 96 + 16 },
        Region("heads") { _ in 4096 + 96 + 48 },
        Region("bodies") { 4096 + 96 + 48 + $0.storedHeadsOfFirstFrame },
        Region("seal, frame header") { $0.seal + 8 },
        Region("seal, section 1") { $0.seal + 96 },
        Region("trailer, magic") { $0.end - 64 },
        Region("trailer, frames") { $0.end - 48 },
        Region("trailer, hash") { $0.end - 1 },
    ]

    private init(_ description: String, _ offset: @escaping @Sendable (SegmentBytes) -> Int) {
        testDescription = description
        self.offset = offset
    }
}

/// The bytes of a segment, as far as a test needs to know them.
struct SegmentBytes {
    let bytes: [UInt8]

    /// The end of the file, behind the trailer.
    var end: Int { bytes.count }
    /// The offset of the first SEAL frame.
    var seal: Int { number(at: end - 56) }
    /// Bytes of the heads of the first frame, with their padding.
    var storedHeadsOfFirstFrame: Int { (number(at: 4096 + 96 + 16) + 7) / 8 * 8 }

    private func number(at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}

@Suite(
    "A flipped bit, for both readers",
    .enabled(if: PythonReader.isRequired, "Python's modules lz4 and xxhash are missing; `make test` installs them"))
struct BitFlipTests {
    @Test("Both report it in a sealed segment", arguments: Region.all)
    func sealed(region: Region) async throws {
        let store = try await SmallStore()
        let name = try #require(try store.segments.first)
        let sealed = SegmentBytes(bytes: try store.bytes(name))
        #expect(sealed.seal > 4096 && sealed.seal < sealed.end)
        try await store.flipAndRead(name, at: region.offset(sealed))
    }

    @Test("Both report it in the segment that is appended to", arguments: Region.all.filter { $0.isBeforeSeal })
    func active(region: Region) async throws {
        let store = try await SmallStore()
        let name = try #require(try store.segments.last)
        try await store.flipAndRead(name, at: region.offset(SegmentBytes(bytes: try store.bytes(name))))
    }
}

extension Region {
    fileprivate var isBeforeSeal: Bool {
        !testDescription.hasPrefix("seal") && !testDescription.hasPrefix("trailer")
    }
}

extension SmallStore {
    fileprivate func flipAndRead(_ name: String, at offset: Int) async throws {
        #expect(try PythonReader.run(path).exitCode == 0)
        var flipped = try bytes(name)
        flipped[offset] ^= 0x10
        try write(flipped, to: name)
        let run = try PythonReader.run(path)
        #expect(run.exitCode == 3)
        #expect(run.errors.contains("\(name): byte "), "\(run.errors)")
        #expect(!run.errors.contains("Traceback"), "\(run.errors)")
        #expect(try await isReportedByStore())
    }

    /// Whether the store refuses to open, warns on opening, or finds something when it is verified.
    private func isReportedByStore() async throws -> Bool {
        let store: EventStore
        do throws(StoreError) {
            store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        } catch {
            return error.code == .damaged
        }
        guard store.warnings.isEmpty else { return true }
        return try await !store.verify().isClean
    }
}
