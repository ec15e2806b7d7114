import FluxFormat
import FluxLog
package import SimulatedDisk
import TestSupport

/// What a crash left, and what must hold when the log is opened on it.
package struct CrashCheck {
    /// The disk as the next process finds it.
    package let image: SimulatedDisk
    package let model: LogModel
    package let source: BatchSource
    /// Whether the process was killed, and the page cache is whole.
    package let isKilled: Bool
    /// What stood behind the log's end on an earlier image, and must not be lost.
    package var keptTail: [UInt8] = []

    package init(image: SimulatedDisk, run: LogRun, isKilled: Bool) {
        self.image = image
        model = run.model
        source = run.source
        self.isKilled = isKilled
    }

    package init(image: SimulatedDisk, model: LogModel, source: BatchSource, isKilled: Bool) {
        self.image = image
        self.model = model
        self.source = source
        self.isKilled = isKilled
    }

    /// What one check has seen.
    package struct Seen {
        /// Calls of the opening that change the disk.
        package var openingCount = 0
        package var isTorn = false
        package var isSuspect = false
    }

    /// Opens the log and holds it, goes on writing, closes it, opens it again and holds it once more.
    @discardableResult
    package func run(decodes: Bool = false) throws -> Seen {
        var seen = Seen()
        let disk = image.copy
        let run = LogRun(disk: disk, source: source)
        // What is found is held below; the run itself takes it as it is.
        do {
            try holdTail(try reopen(run, &seen), on: disk)
        } catch is Violation where !model.isTrusting && run.writer == nil {
            // A sync that lied may have lost anything; to say so is right.
            return seen
        }
        try run.run(Step.afterwards)
        try run.close()
        let kept = try FoundLog(LogRun.path, files: quiet(disk), decodes: decodes)
        guard run.writer == nil, kept.batches == run.model.durable else {
            throw Violation("durable", "closed in order, the log has lost or gained batches")
        }
        if decodes { try holdEvents(of: kept, run.source) }
        try holdSecondOpening(disk, run)
        return seen
    }

    /// Opens the log, and returns what a recovery cut off.
    private func reopen(_ run: LogRun, _ seen: inout Seen) throws -> (recovery: LogRecovery, bytes: [UInt8])? {
        let disk = run.disk
        disk.isTraced = true
        let count = disk.operationCount
        run.model = model
        let before = disk.copy
        // The model decides what a kill or a loss of power may leave.
        do {
            try run.open(isKilled: isKilled)
        } catch is LogRun.Ended {
            throw Violation("open", "the log could not be opened")
        }
        seen.openingCount = disk.operationCount - count
        try holdReads(disk)
        disk.isTraced = image.isTraced
        guard let recovery = run.writer?.recovery else { return nil }
        seen.isTorn = !recovery.isSuspect
        seen.isSuspect = recovery.isSuspect
        let file = before.paths.first {
            $0.hasPrefix("store/seg/\(SegmentName(segment: recovery.end.segment).fileName)")
        }
        guard let bytes = file.flatMap(before.bytes) else {
            throw Violation("quarantine", "a recovery of no file: \(recovery)")
        }
        return (recovery, Array(bytes[recovery.end.offset...].prefix(recovery.tornByteCount)))
    }

    /// What was cut off lies in quarantine, whole.
    private func holdTail(
        _ tail: (recovery: LogRecovery, bytes: [UInt8])?, on disk: SimulatedDisk
    ) throws {
        if let (recovery, bytes) = tail {
            guard disk.bytes(of: recovery.quarantinePath) == bytes else {
                throw Violation("quarantine", "\(recovery.quarantinePath) is not what was cut off")
            }
            guard disk.durableBytes(of: recovery.quarantinePath) == bytes else {
                throw Violation("quarantine", "\(recovery.quarantinePath) is not synced")
            }
        }
        guard !keptTail.isEmpty else { return }
        let copies = disk.paths.filter { $0.hasPrefix("store/\(LogRecovery.quarantineName)/") }
        // A later recovery that cuts off the same bytes and more takes the name over.
        guard copies.contains(where: { disk.bytes(of: $0)?.starts(with: keptTail) ?? false }) else {
            throw Violation("quarantine", "\(keptTail.count) bytes that were cut off lie nowhere any more")
        }
    }

    /// An opening reads the head of each segment, and the last one twice.
    private func holdReads(_ disk: SimulatedDisk) throws {
        let reads = disk.trace.operations.filter { $0.kind == .read }
        let segments = image.paths.filter { $0.hasPrefix("store/seg/") }
        let last = segments.last.flatMap(image.bytes)?.count ?? 0
        let limit = 5 * last + 24_576 * (segments.count + 2) + 65_536 + 100 * last / 4096
        let total = reads.reduce(0) { $0 + min($1.byteCount, last + 4096) }
        guard total <= limit else {
            throw Violation(
                "reads", "\(total) bytes were read, where the last of \(segments.count) segments has \(last)")
        }
    }

    private func holdEvents(of found: FoundLog, _ source: BatchSource) throws {
        for (id, events) in found.events {
            guard let execution = source.executions[id],
                events.enumerated().allSatisfy({ place, read in
                    read.index == UInt64(place) && execution.events[place] == read.event
                })
            else {
                throw Violation("events", "the events of \(id) are not those that were stored")
            }
        }
    }

    /// Opening and closing again changes nothing but HEAD.
    private func holdSecondOpening(_ disk: SimulatedDisk, _ run: LogRun) throws {
        var before = disk.contents
        try run.open(isKilled: true)
        guard run.writer?.recovery == nil else { throw Violation("twice", "a log that was closed is repaired") }
        try run.close()
        var after = disk.contents
        before[Self.headPath] = nil
        after[Self.headPath] = nil
        guard before == after else { throw Violation("twice", "a second opening changes the disk") }
    }

    static let headPath = "store/\(LogHead.fileName)"

    private func quiet(_ disk: SimulatedDisk) -> SimulatedFileSystem {
        let copy = disk.copy
        copy.isTraced = false
        return copy.fileSystem
    }
}
