import FluxFiles
package import FluxFormat
import FluxIndex
import FluxLog

/// One execution in a sealed segment file of its own, verified to the last byte.
package struct PackedExecution: Sendable {
    /// The execution.
    package let id: ExecutionID
    /// The number of its events.
    package private(set) var eventCount: UInt64 = 0
    /// Whether it takes no more batches.
    package private(set) var isFinished = false
    /// What is known of it, as its last frame with META says.
    package private(set) var metadata: ExecutionMetadata?
    let segment: SegmentFile<PosixFile>

    /// Ends the name of such a file.
    package static let suffix = ".rpx"

    /// Reads and verifies a file: header, hashes, chain, every record, seal and trailer, and that all of it belongs to one
    /// execution, without a hole.
    ///
    /// Throws `invalid` for a file of something else, `unsupported` for one of a later version, and `damaged` with the place.
    package init(of path: String) throws(StoreError) {
        segment = try Self.open(path)
        try Self.check(segment)
        var walk = BatchWalk(segment)
        var first: ExecutionID?
        var isSealed = false
        do throws(LogError) {
            while let part = try walk.next() {
                guard case .batch(let frames) = part else { throw .broken(path: path, reason: "has a hole") }
                guard frames[0].header.frameKind == .events, !isSealed else {
                    // Behind the seal nothing follows.
                    guard frames[0].header.frameKind == .seal, !isSealed else { throw Self.notPacked(path) }
                    isSealed = true
                    continue
                }
                guard first ?? frames[0].header.executionID == frames[0].header.executionID else {
                    throw .invalid("\(path): holds several executions; only a file of one is unpacked")
                }
                if first == nil, !frames[0].header.flags.contains(.executionFirst) { throw Self.notPacked(path) }
                try Self.take(frames, of: path, isFirst: first == nil, &eventCount, &isFinished)
                first = frames[0].header.executionID
            }
        } catch {
            throw StoreError(error)
        }
        guard let first else { throw StoreError(Self.notPacked(path)) }
        id = first
        metadata = try lastMetadata()
    }

    private static func notPacked(_ path: String) -> LogError { .invalid("\(path): is no packed execution") }

    /// Opens a file whose first and last bytes are those of a packed execution.
    private static func open(_ path: String) throws(StoreError) -> SegmentFile<PosixFile> {
        let file = try storeCall { () throws(IOError) in try PosixFileSystem().open(path, .read) }
        let byteCount = try storeCall { () throws(IOError) in try file.byteCount() }
        let head = try storeCall { () throws(IOError) in
            try file.read(byteCount: SegmentHeader.byteCount, at: 0)
        }
        let header: SegmentHeader
        do throws(FormatError) {
            header = try SegmentHeader(parsing: head.rawSpan)
        } catch {
            switch error {
            case .wrongMagic, .truncated: throw StoreError(.invalid, "\(path): is no packed execution: \(error)")
            case .unsupportedVersion, .unsupportedFeatures: throw StoreError(.unsupported, "\(path): \(error)")
            default: throw StoreError(.damaged, "\(path): damaged at byte 0: \(error)")
            }
        }
        guard header.segment == 1, header.generation == 0, header.previousEnd == .zero, byteCount <= UInt32.max else {
            throw StoreError(.invalid, "\(path): is a segment of a store, not a packed execution")
        }
        let unsealed = SegmentFile(
            name: SegmentName(segment: 1), file: file, header: header, trailer: nil, byteCount: byteCount)
        do throws(LogError) {
            guard let sealed = try unsealed.sealed(endingAt: byteCount) else {
                throw .damaged(path: path, offset: byteCount, .invalidField("the file is cut: it has no trailer"))
            }
            return sealed
        } catch {
            throw StoreError(.damaged, "\(error)")
        }
    }

    /// Every hash and record, and the seal against the frames that it tells of.
    private static func check(_ segment: SegmentFile<PosixFile>) throws(StoreError) {
        let extent = LogExtent(
            segments: [1], end: Position(segment: 2, offset: SegmentHeader.byteCount), nextFrameSequence: .max)
        var check = SegmentCheck(extent: extent, depth: .deep)
        do throws(LogError) {
            try check.run(segment) { _ in }
        } catch {
            throw StoreError(.damaged, "\(error)")
        }
        if let finding = check.findings.first { throw StoreError(.damaged, finding) }
    }

    /// Takes the frames of the next batch, which goes on where the one before ended.
    private static func take(
        _ frames: [ScannedFrame], of path: String, isFirst: Bool, _ eventCount: inout UInt64, _ isFinished: inout Bool
    ) throws(LogError) {
        for (index, frame) in frames.enumerated() {
            let header = frame.header
            let isAtStart = isFirst && index == 0
            guard UInt64(header.firstEvent) == eventCount, header.flags.contains(.executionFirst) == isAtStart,
                !isFinished
            else {
                throw .damaged(
                    path: path, offset: frame.position.offset,
                    .invalidField("event \(header.firstEvent) where \(eventCount) belongs"))
            }
            eventCount += UInt64(header.eventCount)
            isFinished = header.flags.contains(.executionLast)
        }
    }
}

extension PackedExecution {
    /// Calls `body` with each batch in order, as a store takes it; its payloads are hashed anew.
    func forEachBatch(
        storeSalt: UInt64, _ body: (EncodedBatch) async throws(StoreError) -> Void
    ) async throws(StoreError) {
        var walk = BatchWalk(segment)
        while true {
            let batch: EncodedBatch
            do throws(LogError) {
                // It was verified, so that a batch which is lost was changed meanwhile.
                guard case .batch(let frames) = try walk.next(), frames[0].header.frameKind == .events else { return }
                batch = try EncodedBatch(copying: frames, from: segment, storeSalt: storeSalt)
            } catch {
                throw StoreError(error)
            }
            try await body(batch)
        }
    }

    /// Its events in order, each as long as the call lasts; ends where `body` says so.
    func forEachEvent(_ body: (UInt64, Event) throws(StoreError) -> Bool) throws(StoreError) {
        var scan = segment.scan()
        var decoder = FrameDecoder()
        var assembler = EventAssembler()
        while true {
            do throws(LogError) {
                guard let frame = try scan.next(verifyingPayload: false) else { return }
                guard frame.header.frameKind == .events else { continue }
                // Used before the scan goes on, and by nobody else.
                let payload = unsafe scan.unownedPayload
                do throws(FormatError) {
                    try decoder.decode(frame.header, payload: payload, storeSalt: segment.header.storeSalt)
                } catch {
                    throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
                }
            } catch {
                throw StoreError(error)
            }
            for index in (decoder.hasMetadata ? 1 : 0)..<decoder.recordCount {
                let view = unsafe decoder.record(at: index)
                guard let whole = assembler.add(view) else { continue }
                guard try body(whole.index, whole.event) else { return }
            }
        }
    }

    private func lastMetadata() throws(StoreError) -> ExecutionMetadata? {
        var scan = segment.scan()
        var decoder = FrameDecoder()
        var found: ExecutionMetadata?
        do throws(LogError) {
            while let frame = try scan.next(verifyingPayload: false) {
                guard frame.header.frameKind == .events else { continue }
                let (entry, damage) = IndexedFrame.read(
                    frame, segment: segment, payload: scan.payload, decoder: &decoder)
                if let damage { throw damage }
                found = entry.metadata?.value ?? found
            }
        } catch {
            throw StoreError(error)
        }
        return found
    }
}
