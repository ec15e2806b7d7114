import FluxFiles
package import FluxFormat
import FluxLog

/// Copies everything of a store that verifies into another store. The source is only read.
package struct StoreSalvage: Sendable {
    /// What was found in the source.
    package let survey: StoreSurvey
    /// Executions of which something is in the target.
    package private(set) var executionCount = 0
    package private(set) var batchCount = 0
    package private(set) var eventCount: UInt64 = 0
    /// Executions that end before a hole.
    package private(set) var cut: Set<ExecutionID> = []
    /// Executions of which nothing is in the target, as far as they are known.
    package private(set) var lost: Set<ExecutionID> = []
    /// The events that each unfinished execution has in the target.
    private var open: [ExecutionID: UInt64] = [:]
    /// Executions with a hole of which something is in the target.
    private var begun: Set<ExecutionID> = []
    /// Executions that were deleted: nothing of them is copied but that.
    private var deleted: Set<ExecutionID> = []
    /// Whether the front of the source was dropped, so that what has no beginning is gone as a whole, and not lost.
    private var isFrontDropped = false

    /// Batches after which the target is synced.
    private static let syncBatchCount = 64

    /// Copies the store at `source` into a folder that is empty or missing.
    ///
    /// Events, ids, metadata and tags are those of the source, and the compressed bytes, too. An execution with a hole
    /// ends before it. Throws `locked` while a writer has the source, and `notAStore` where the target has something in it.
    package init(from source: String, to target: String) throws(StoreError) {
        let files = PosixFileSystem()
        guard !StoreLock.isHeld(source, files: files) else {
            throw StoreError(.locked, "\(source): is open for writing; close it first")
        }
        survey = try StoreSurvey(of: source)
        guard survey.segments.contains(where: { $0.frameCount > 0 }) || survey.isWhole else {
            throw StoreError(.damaged, "\(source): holds no batch that verifies")
        }
        try Self.checkIsFree(target, source: source, files: files)
        try StoreFolder(path: target, files: files).prepare()
        let lock = try StoreLock(target, files: files)
        deleted = survey.segments.reduce(into: []) { $0.formUnion($1.deleted) }
        let hit = Set(survey.executions).subtracting(deleted)
        do throws(LogError) {
            let writer = try LogWriter.open(target, files: files, options: LogOptions(), now: WallClock.now).writer
            let log = try LogSurvey(source, files: files, evidence: .none)
            isFrontDropped = log.directory.firstFrameSequence > 0
            let encoder = FrameEncoder(storeSalt: writer.storeSalt)
            for id in deleted.sorted() {
                _ = try writer.write([EncodedBatch(deleting: id, at: WallClock.now(), encoder: encoder)])
            }
            for segment in log.segments {
                guard let listed = segment.listed else { continue }
                let file = try log.open(listed)
                var walk = BatchWalk(file)
                while let part = try walk.next() {
                    if case .batch(let frames) = part { try take(frames, of: file, hit: hit, into: writer) }
                }
            }
            try writer.close()
        } catch {
            throw StoreError(error)
        }
        _ = lock
        cut.formUnion(hit.intersection(begun))
        lost.formUnion(hit.subtracting(begun))
        lost.subtract(cut)
    }

    /// Whether nothing that was ever promised is missing.
    package var isWhole: Bool { survey.isWhole && cut.isEmpty && lost.isEmpty }

    private mutating func take(
        _ frames: [ScannedFrame], of segment: SegmentFile<PosixFile>, hit: Set<ExecutionID>,
        into writer: LogWriter<PosixFileSystem>
    ) throws(LogError) {
        // Seals and tombstones are made anew.
        guard let first = frames.first?.header else { return }
        let id = first.executionID
        guard first.frameKind == .events, !deleted.contains(id), !cut.contains(id), !lost.contains(id) else { return }
        let isFirst = first.flags.contains(.executionFirst)
        guard isFirst ? open[id] == nil : open[id] == UInt64(first.firstEvent) else {
            if open[id] != nil { cut.insert(id) } else if !isFrontDropped { lost.insert(id) }
            return
        }
        let batch = try EncodedBatch(copying: frames, from: segment, storeSalt: writer.storeSalt)
        _ = try writer.write([batch])
        batchCount += 1
        eventCount += batch.eventCount
        if isFirst { executionCount += 1 }
        if hit.contains(id) { begun.insert(id) }
        open[id] = batch.isLast ? nil : batch.firstEvent + batch.eventCount
        if batchCount.isMultiple(of: Self.syncBatchCount) {
            try writer.sync()
            writer.background.runAll()
        }
    }

    private static func checkIsFree(
        _ target: String, source: String, files: PosixFileSystem
    ) throws(StoreError) {
        let isFree: Bool
        do throws(IOError) {
            switch try files.kind(of: target) {
            case nil: isFree = true
            case .directory: isFree = try files.list(target).isEmpty
            default: isFree = false
            }
        } catch {
            throw StoreError(error)
        }
        guard isFree, !target.hasPrefix("\(source)/") else {
            throw StoreError(
                .notAStore, "\(target): give a folder that is missing or empty, and lies outside of the store")
        }
    }
}
