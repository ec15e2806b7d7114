import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("A segment file alone")
struct SegmentInspectionTests {
    private let store: RepairStore

    init() async throws {
        store = try await RepairStore()
    }

    @Test("What it holds is told, under any name and away from its store", arguments: 0..<3)
    func whole(number: Int) throws {
        let path = "\(store.folder.path)/00000007.0000.rpl.next"
        try FileManager.default.copyItem(atPath: try store.files.segments[number], toPath: path)
        var offsets: [Int] = []
        let found = try SegmentInspection(of: path) { offsets.append($0.offset) }
        #expect(found.damage.isEmpty && found.restByteCount == 0, "\(found.damage)")
        #expect(found.header?.segment == UInt32(number + 1) && found.frameCount == offsets.count)
        let byteCount = try StoreFiles.byteCount(path)
        #expect(found.frameCount > 0 && found.end == byteCount)
        #expect((found.trailer != nil) == (number < 2) && (found.seal != nil) == (number < 2))
        if let trailer = found.trailer, let seal = found.seal {
            #expect(trailer.frameCount == found.frameCount && Int(trailer.executionCount) == seal.executions)
        }
        #expect(found.lastSequence.map { $0 - (found.firstSequence ?? 0) } == UInt64(found.frameCount - 1))
    }

    @Test("A flipped byte is named with the place of what it damages", arguments: Region.allCases)
    func flipped(region: Region) throws {
        for number in 0..<3 {
            let segment = try store.files.segments[number]
            guard let offset = try region.offset(in: segment) else { continue }
            let before = try SegmentInspection(of: segment)
            try StoreFiles.flip(segment, at: offset)
            let found = try SegmentInspection(of: segment)
            #expect(!found.damage.isEmpty && found.damage.allSatisfy { $0.hasPrefix("damaged at byte ") })
            switch region {
            case .header: #expect(found.header == nil)
            case .frameHeader: #expect(found.frameCount == before.frameCount - 1)
            default: #expect(found.frameCount == before.frameCount)
            }
            try StoreFiles.flip(segment, at: offset)
        }
    }

    @Test("A file of something else is none, and an unused spare holds nothing")
    func others() async throws {
        let text = "\(store.folder.path)/notes.txt"
        try Data(repeating: 65, count: 9000).write(to: URL(filePath: text))
        let error = await storeError { try SegmentInspection(of: text) }
        #expect(error?.code == .notAStore)
        let missing = await storeError { try SegmentInspection(of: "\(store.folder.path)/nothing") }
        #expect(missing?.message.contains("/nothing") == true)
        let spare = "\(store.folder.path)/00000004.0000.rpl.next"
        try Data(count: 9000).write(to: URL(filePath: spare))
        let found = try SegmentInspection(of: spare)
        #expect(found.header == nil && found.damage.isEmpty && found.byteCount == 9000)
    }
}
