import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Depth of a check")
struct VerifyDepthTests {
    private let store: RepairStore

    init() async throws {
        store = try await RepairStore()
    }

    private func findings(_ depth: VerifyDepth) async throws -> [VerifyReport.Finding] {
        try await EventStore.open(at: store.files.path, options: .readOnly).verify(depth).findings
    }

    @Test("Both find the same counts in a whole store")
    func whole() async throws {
        let opened = try EventStore.open(at: store.files.path, options: .readOnly)
        let structure = try await opened.verify(.structure)
        #expect(structure.isClean, "\(structure.findings)")
        let deep = try await opened.verify(.deep)
        #expect(structure == deep, "\(deep.findings)")
        #expect(structure.segments == 3 && structure.executions == 12 && structure.events == 12 * 24)
    }

    @Test("Bodies are read by the deep check alone, all else by both", arguments: Region.allCases)
    func flipped(region: Region) async throws {
        let segment = try store.files.segments[0]
        try StoreFiles.flip(segment, at: #require(try region.offset(in: segment)))
        #expect(try await findings(.deep).contains { $0.place == .log })
        let isRead = [.header, .seal, .trailer].contains(region)
        let isFound = try await findings(.structure).contains { $0.place == .log }
        #expect(isFound == isRead)
    }

    @Test("HEAD that says otherwise than the log is found", arguments: [VerifyDepth.structure, .deep])
    func otherHead(depth: VerifyDepth) async throws {
        let other = "\(store.folder.path)/other"
        _ = try await makeStore(at: other, seeds: 20..<21)
        try FileManager.default.removeItem(atPath: "\(store.files.path)/HEAD")
        try FileManager.default.copyItem(atPath: "\(other)/HEAD", toPath: "\(store.files.path)/HEAD")
        #expect(try await findings(depth).contains { $0.message.contains("/HEAD") })
    }

    @Test("HEAD may name the end of any frame, and no other place", arguments: [0, 8])
    func placeOfHead(distance: Int) async throws {
        var frames: [SegmentInspection.Frame] = []
        _ = try SegmentInspection(of: store.files.segments[0]) { frames.append($0) }
        let frame = frames[1]
        let path = "\(store.files.path)/HEAD"
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        for number in 0..<HeadSlot.count {
            let start = number * HeadSlot.strideByteCount
            let place = Array(bytes[start..<start + HeadSlot.byteCount])
            guard var slot = try? HeadSlot(parsing: place.rawSpan, slot: number) else { continue }
            slot.durableEnd = Position(segment: 1, offset: frame.offset + frame.header.frameByteCount + distance)
            slot.nextFrameSequence = frame.header.frameSequence + 1
            slot.lastFrameHash = frame.header.headerHash
            bytes.replaceSubrange(start..<start + HeadSlot.byteCount, with: slot.encoded(inSlot: number))
        }
        try Data(bytes).write(to: URL(filePath: path))
        let messages = try await findings(.structure).map(\.message)
        #expect(messages.count == (distance == 0 ? 0 : 1), "\(messages)")
        #expect(messages.allSatisfy { $0.hasSuffix("where no frame ends") })
    }

    @Test("An index of other rows is found against the seals", arguments: [VerifyDepth.structure, .deep])
    func otherIndex(depth: VerifyDepth) async throws {
        let index = "\(store.files.path)/index/index.db"
        var bytes = try Data(contentsOf: URL(filePath: index))
        let found = try #require(bytes.range(of: Data(store.executions[3].id.bytes)))
        bytes[found.lowerBound + 15] ^= 1
        try bytes.write(to: URL(filePath: index))
        #expect(try await findings(depth).contains { $0.place == .index })
    }
}
