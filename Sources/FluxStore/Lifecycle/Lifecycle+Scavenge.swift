import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

extension Lifecycle {
    /// Writes segments anew without what was deleted.
    ///
    /// For each, in this order: the new file, durable under its name; the rows of the index in one transaction; then the
    /// old file goes, behind the last cursor that holds it. After a crash in between the higher generation counts, and
    /// the next opening moves the rows.
    func scavenge(_ scope: ScavengeScope, random: () -> UInt64) throws(StoreError) -> ScavengeReport {
        let deleted = try deletions()
        var report = ScavengeReport()
        guard !deleted.isEmpty || scope == .all else { return report }
        // What is written no more can be written anew.
        try work.commit(.beginSegment)
        let proven = try proven(deleted)
        for listed in try directory().segments.dropLast() where listed.isSealed {
            try checkIsOpen()
            do throws(LogError) {
                let segment = try table.sealed(listed.name.segment)
                guard let dead = try DeadFrames(in: segment, of: proven), dead.isOver(scope) else { continue }
                try rewrite(segment, dead, random: random(), into: &report)
            } catch {
                throw StoreError(error)
            }
        }
        try forgetCopies(of: proven, into: &report)
        return report
    }

    /// The deletions that the index knows of, with the segments that have their tombstones.
    private func deletions() throws(StoreError) -> [UInt32: Set<ExecutionID>] {
        let found = Guarded<[UInt32: Set<ExecutionID>]>([:])
        try work.index { (index) throws(IndexError) in
            let dead = try index.deadExecutions()
            found.withLock { found in
                for (id, segment) in dead { found[segment, default: []].insert(id) }
            }
        }
        return found.withLock(\.self)
    }

    /// Those of which the log has the tombstone. The index is derived, and may be damaged: nothing is thrown away on its
    /// word.
    private func proven(_ deletions: [UInt32: Set<ExecutionID>]) throws(StoreError) -> Set<ExecutionID> {
        var proven: Set<ExecutionID> = []
        for (segment, ids) in deletions {
            do throws(LogError) {
                for frame in try SegmentFrames(of: table.sealed(segment)).all
                where frame.header.frameKind == .tombstone && ids.contains(frame.header.executionID) {
                    proven.insert(frame.header.executionID)
                }
            } catch {
                throw StoreError(error)
            }
        }
        return proven
    }

    private func rewrite(
        _ segment: SegmentFile<Files.File>, _ dead: DeadFrames, random: UInt64, into report: inout ScavengeReport
    ) throws(LogError) {
        let name = try SegmentRewrite.run(
            segment, in: "\(path)/\(SegmentName.directory)", files: files, dropping: dead.executions, salt: random)
        table.use(name)
        let moved = try table.sealed(name.segment)
        let frames = try SegmentFrames(of: moved).all
        do throws(StoreError) {
            try work.index { (index) throws(IndexError) in
                try index.move(frames, of: name.segment, to: name.generation)
            }
        } catch {
            throw .broken(path: moved.file.path, reason: "its rows could not be moved: \(error.message)")
        }
        report.heldFiles = try table.retire([segment.name])
        report.segments += 1
        report.byteCount += UInt64(max(0, segment.endOffset - moved.endOffset))
    }

    /// Removes what may lie elsewhere: texts of the index, indexes that were put away, and what recoveries cut off.
    private func forgetCopies(of deleted: Set<ExecutionID>, into report: inout ScavengeReport) throws(StoreError) {
        let isEmptied = Guarded(false)
        try work.index { (index) throws(IndexError) in
            let isDone = try index.forgetTexts()
            isEmptied.withLock { $0 = isDone }
        }
        report.isIndexClean = isEmptied.withLock(\.self)
        do throws(IOError) {
            let index = "\(path)/\(IndexKeeper.directory)"
            for name in ["index.db.old", "index.db.new"] {
                for suffix in ["", "-wal", "-shm"] { try files.remove("\(index)/\(name)\(suffix)") }
            }
            let quarantine = "\(path)/\(LogRecovery.quarantineName)"
            guard !deleted.isEmpty, try files.kind(of: quarantine) == .directory else { return }
            // The reports stay: they name what was cut off, and hold nothing of it.
            for name in try files.list(quarantine) where !name.hasSuffix(".txt") {
                try files.remove("\(quarantine)/\(name)")
            }
            try files.syncDirectory(quarantine)
        } catch {
            throw StoreError(error)
        }
    }
}

/// What a segment has of executions that were deleted.
struct DeadFrames {
    let executions: Set<ExecutionID>
    let byteCount: Int
    /// Bytes of all frames before the seal.
    let framesByteCount: Int

    /// Reads the seal; `nil` where nothing is dead.
    init?(in segment: SegmentFile<some StoredFile>, of deleted: Set<ExecutionID>) throws(LogError) {
        var executions: Set<ExecutionID> = []
        var (dead, all) = (0, 0)
        for frame in try SegmentFrames(of: segment).all {
            all += frame.header.frameByteCount
            guard frame.header.frameKind == .events, deleted.contains(frame.header.executionID) else { continue }
            executions.insert(frame.header.executionID)
            dead += frame.header.frameByteCount
        }
        guard !executions.isEmpty else { return nil }
        (self.executions, byteCount, framesByteCount) = (executions, dead, all)
    }

    func isOver(_ scope: ScavengeScope) -> Bool {
        switch scope {
        case .all: true
        case .share(let share): Double(byteCount) > share * Double(framesByteCount)
        }
    }
}
