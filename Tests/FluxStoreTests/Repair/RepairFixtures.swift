import FluxFiles
import FluxFormat
import FluxLog
import FluxStore
import Foundation
import TestSupport
import Testing

/// A closed store of several segments, and what was stored in it.
struct RepairStore {
    let folder: QuickFolder
    let files: StoreFiles
    let executions: [Execution]
    let metadata: [ExecutionID: ExecutionMetadata]

    init() async throws {
        folder = try QuickFolder()
        files = StoreFiles(path: "\(folder.path)/store")
        executions = try await makeStore(
            at: files.path, seeds: 0..<12, eventCount: 24, options: StoreOptions(segmentByteCountMax: 64 << 10))
        let store = try EventStore.open(at: files.path, options: .readOnly)
        metadata = try Dictionary(
            uniqueKeysWithValues: store.executions(limit: 100).executions.map { ($0.id, $0.metadata) })
        try #require(files.segments.count == 3)
    }

    var target: String { "\(folder.path)/copy" }

    /// Holds a copy against what was stored: every execution outside of `missing` is there and the same.
    func check(copy path: String, missing: Set<ExecutionID>, _ place: Comment) async throws {
        let copy = try EventStore.open(at: path, options: .readOnly)
        #expect(copy.warnings.isEmpty, place)
        let findings = try await copy.verify().findings
        #expect(findings.isEmpty, "\(place): \(findings)")
        let listed = try copy.executions(limit: 100).executions
        #expect(Set(listed.map(\.id)) == Set(executions.map(\.id)).subtracting(missing), place)
        for row in listed { #expect(row.metadata == metadata[row.id], place) }
        for execution in executions where !missing.contains(execution.id) {
            #expect(try copy.events(of: execution.id) == execution.events, place)
        }
    }
}

/// A place of a segment that tests damage.
enum Region: String, CaseIterable {
    case header, frameHeader, heads, bodies, seal, trailer

    /// An offset inside of it. The last segment has neither seal nor trailer.
    func offset(in path: String) throws -> Int? {
        let store = path.components(separatedBy: "/seg/")[0]
        let survey = try LogSurvey(store, files: PosixFileSystem(), evidence: .none)
        let listed = try #require(survey.segments.compactMap(\.listed).first { $0.path == path })
        let segment = try survey.open(listed)
        var scan = segment.scan()
        var frames: [ScannedFrame] = []
        while let frame = try scan.next() { if frame.header.frameKind == .events { frames.append(frame) } }
        let frame = frames[frames.count / 2]
        switch self {
        case .header: return 52
        case .frameHeader: return frame.position.offset + 20
        case .heads: return frame.position.offset + FrameHeader.byteCount + FramePrologue.byteCount + 4
        case .bodies: return frame.position.offset + frame.header.frameByteCount - 20
        case .seal: return segment.trailer.map { $0.sealPosition.offset + FrameHeader.byteCount + 8 }
        case .trailer: return segment.trailer.map { _ in segment.endOffset - 20 }
        }
    }
}
