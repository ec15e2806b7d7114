import FluxFormat
import Foundation

@testable import FluxIndex

/// Random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

/// A folder that goes with the value.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "flux-index-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }
}

let storeID: (high: UInt64, low: UInt64) = (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210)

func openIndex(_ path: String? = nil, access: IndexAccess = .readWrite) throws(IndexError) -> MetadataIndex {
    try MetadataIndex.open(path: path, storeID: storeID, access: access)
}

/// Frames as a log would hand them out, one behind the other.
struct FrameSource {
    var nextSequence: UInt64 = 1
    var nextOffset = 4096

    var applied: AppliedPosition {
        AppliedPosition(position: Position(segment: 1, offset: nextOffset), nextFrameSequence: nextSequence)
    }

    /// A frame; its metadata is given where it is flagged as the first or last of the execution.
    mutating func frame(
        of id: ExecutionID, _ flags: FrameFlags = [], firstEvent: UInt32 = 0, eventCount: UInt16 = 0,
        byteCount: UInt32 = 800, metadata: ExecutionMetadata? = nil
    ) -> IndexedFrame {
        var header = FrameHeader(
            kind: .events, codec: 0, flags: flags, storedByteCount: byteCount, rawByteCount: byteCount * 3,
            executionID: id, firstEvent: firstEvent, eventCount: eventCount, payloadHash: 7)
        header.frameSequence = nextSequence
        header.tenantID = 4 + UInt32(id.low % 3)
        header.headerHash = (nextSequence | 1 << 50) &* 0x9E37_79B9_7F4A_7C15
        let position = Position(segment: 1, offset: nextOffset)
        nextSequence += 1
        nextOffset += header.frameByteCount
        return IndexedFrame(
            header: header, position: position, generation: 1, metadata: metadata.map(EncodedMetadata.init))
    }

    /// An execution that lies whole in one frame.
    mutating func execution(_ id: ExecutionID, _ metadata: ExecutionMetadata) -> IndexedFrame {
        frame(
            of: id, [.batchFirst, .batchLast, .executionFirst, .executionLast],
            eventCount: UInt16(clamping: metadata.eventCount), metadata: metadata)
    }

    /// An execution in several frames: META in the first and, complete, in the last.
    mutating func execution(_ id: ExecutionID, _ metadata: ExecutionMetadata, frameCount: Int)
        -> [IndexedFrame]
    {
        guard frameCount > 1 else { return [execution(id, metadata)] }
        let early = ExecutionMetadata(
            app: metadata.app, name: metadata.name, source: metadata.source, status: .running)
        return (0..<frameCount).map { index in
            let flags: FrameFlags =
                index == 0 ? .executionFirst : index == frameCount - 1 ? .executionLast : []
            let told = index == 0 ? early : index == frameCount - 1 ? metadata : nil
            return frame(of: id, flags, firstEvent: UInt32(index) * 10, eventCount: 10, metadata: told)
        }
    }
}

/// Executions with few apps, routes and starts, so that conditions and ties meet.
func randomExecutions(_ count: Int, seed: UInt64, frameCounts: ClosedRange<Int> = 1...4) -> (
    frames: [IndexedFrame], applied: AppliedPosition
) {
    var generator = SeededGenerator(state: seed)
    var source = FrameSource()
    var frames: [IndexedFrame] = []
    for _ in 0..<count {
        let metadata = randomMetadata(using: &generator)
        let id = ExecutionID(
            unixMilliseconds: (metadata.startedAt ?? 0) / 1_000_000,
            bits: (generator.next(), generator.next()))
        let frameCount = Int.random(in: frameCounts, using: &generator)
        frames += source.execution(id, metadata, frameCount: frameCount)
    }
    return (frames, source.applied)
}

private func randomMetadata(using generator: inout SeededGenerator) -> ExecutionMetadata {
    var metadata = ExecutionMetadata(
        app: ["shop", "desk", ""].randomElement(using: &generator) ?? "",
        name: "recording \(generator.next() % 20)", source: ["vcr-ruby", "har"].randomElement(using: &generator) ?? "",
        route: ["/orders", "/", ""].randomElement(using: &generator) ?? "",
        status: ExecutionMetadata.Status.allCases.randomElement(using: &generator) ?? .ok,
        startedAt: Bool.random(using: &generator) ? nil : 1_700_000_000_000_000_000 + generator.next() % 5,
        durationNanoseconds: Bool.random(using: &generator) ? nil : generator.next() >> (generator.next() % 64),
        requestID: Bool.random(using: &generator) ? nil : "request \(generator.next() % 100)",
        traceID: Bool.random(using: &generator) ? nil : "trace \(generator.next() % 9)",
        sdkVersion: [nil, "1.0", "2.0"].randomElement(using: &generator) ?? nil,
        errorFingerprint: Bool.random(using: &generator) ? nil : "fp\(generator.next() % 3)")
    for _ in 0..<(generator.next() % 5) { metadata.count(.http) }
    if Bool.random(using: &generator) { metadata.tags = ["team": "a\(generator.next() % 3)", "é": "ü"] }
    return metadata
}

/// All rows, in the order of their first frames.
func allRows(_ index: MetadataIndex) throws -> [IndexedExecution] {
    var rows: [IndexedExecution] = []
    while true {
        let more = try index.allSummaries(afterN: rows.last?.summary.firstFrameSequence, limit: 7)
        if more.isEmpty { return rows }
        rows += more
    }
}

/// What a query gives, page after page.
func allPages(
    _ index: MetadataIndex, _ query: ExecutionQuery, order: ExecutionOrder = .newestFirst, pageRowCount: Int,
    examinedMax: Int = .max
) throws -> [ExecutionSummary] {
    var rows: [ExecutionSummary] = []
    var token: PageToken?
    repeat {
        let page = try index.page(
            matching: query, order: order, limit: pageRowCount, after: token, examinedMax: examinedMax)
        rows += page.executions
        token = page.nextPageToken.flatMap { PageToken($0.description) }
    } while token != nil
    return rows
}
