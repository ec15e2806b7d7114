import FluxFormat
import FluxIndex
import FluxLog
package import Foundation
package import SimulatedDisk
import TestSupport

@testable import FluxStore

/// Deletes, scavenges and drops on a disk that stops at each call that changes it, and holds what the next opening finds.
package struct LifecycleSweep {
    private let folder: URL
    private let executions: [Execution]

    /// What a crash left, and what was acknowledged before it.
    private struct Stopped {
        var disk: SimulatedDisk
        /// Executions whose append was acknowledged, and the segments with their first frames.
        var stored: [ExecutionID: UInt32] = [:]
        var askedToDelete: Set<ExecutionID> = []
        /// Deletions that were acknowledged, and the segments of their tombstones.
        var deleted: [ExecutionID: UInt32] = [:]
        var isRetentionAsked = false
    }

    package init(folder: URL) {
        self.folder = folder
        executions = (0..<14 as Range<UInt64>).map { seed in
            var execution = Sample.execution(seed: seed, eventCount: 4, payloadByteCountMax: 300)
            execution.events[0].payload = Self.mark(seed)
            return execution
        }
    }

    /// Bytes that no other execution has and no codec hides.
    private static func mark(_ seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed &+ 77)
        return (0..<400).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private static var settings: Settings {
        var generator = SeededGenerator(seed: 5)
        var settings = Settings(using: &generator)
        settings.log.segmentByteCountMax = 8 << 10
        settings.log.frameByteCountTarget = 4000
        settings.log.groupByteCountMax = 64 << 10
        settings.engine = EngineOptions()
        settings.engine.index.retryNanoseconds = 0
        return settings
    }

    /// Runs all of it and returns the number of images that were opened; throws the first thing that does not hold.
    package func run(modes: [CrashMode]) throws -> Int {
        defer { try? FileManager.default.removeItem(at: folder) }
        let callCount = try stopped(at: nil).disk.operationCount
        var imageCount = 0
        for stop in 0...callCount {
            for (number, mode) in modes.enumerated() {
                var generator = SeededGenerator(seed: UInt64(stop << 8 | number))
                let index = try SimulatedIndex(folder: folder)
                var image = try stopped(at: stop, index: index)
                image.disk = image.disk.crashed(mode, using: &generator)
                // The index is a database of its own, which may have lost its last transactions.
                if number.isMultiple(of: 2) { try index.losePower(using: &generator) }
                do {
                    try check(image, index)
                } catch {
                    throw SimulationFailure("stop \(stop), \(mode): \(error)")
                }
                imageCount += 1
            }
        }
        return imageCount
    }

    private func stopped(at stop: Int?, index: SimulatedIndex? = nil) throws -> Stopped {
        let index = try index ?? SimulatedIndex(folder: folder)
        var stopped = Stopped(disk: SimulatedDisk(directories: ["store", "store/seg"]))
        stopped.disk.isTraced = false
        stopped.disk.stopAt = stop
        do throws(StoreError) {
            try work(&stopped, index)
        } catch {
            guard stopped.disk.hasStopped else { throw error }
        }
        return stopped
    }

    private func work(_ stopped: inout Stopped, _ index: SimulatedIndex) throws(StoreError) {
        let life = try Life(stopped.disk, index: index, settings: Self.settings)
        var time: UInt64 = 0
        for execution in executions.prefix(12) { try append(execution, life, &stopped, &time) }
        index.keepSnapshot()
        for place in [1, 2, 5] { try delete(executions[place].id, life, &stopped, &time) }
        _ = try life.lifecycle.scavenge(.all, random: Self.settings.log.random)
        index.keepSnapshot()
        for execution in executions.suffix(2) { try append(execution, life, &stopped, &time) }
        stopped.isRetentionAsked = true
        _ = try life.lifecycle.retain(RetentionPolicy(maxByteCount: 9000), now: 1, isDryRun: false)
        index.keepSnapshot()
        try delete(executions[13].id, life, &stopped, &time)
        _ = try life.lifecycle.scavenge(.all, random: Self.settings.log.random)
    }

    private func append(
        _ execution: Execution, _ life: Life, _ stopped: inout Stopped, _ time: inout UInt64
    ) throws(StoreError) {
        let batch: EncodedBatch
        do throws(LogError) {
            batch = try BatchEncoder.encode(
                EventBatch(
                    executionID: execution.id, firstEvent: 0, events: execution.events, metadata: execution.metadata,
                    isLast: true),
                encoder: FrameEncoder(storeSalt: life.storeSalt), frameByteCountTarget: 4000)
        } catch {
            throw StoreError(error)
        }
        if case .stored(let position, _)? = try submit(batch, life, &time) {
            stopped.stored[execution.id] = position.segment
        }
    }

    private func delete(
        _ id: ExecutionID, _ life: Life, _ stopped: inout Stopped, _ time: inout UInt64
    ) throws(StoreError) {
        stopped.askedToDelete.insert(id)
        let tombstone = EncodedBatch(deleting: id, at: 1, encoder: FrameEncoder(storeSalt: life.storeSalt))
        if case .stored(let position, _)? = try submit(tombstone, life, &time) {
            stopped.deleted[id] = position.segment
        }
    }

    /// Hands a batch in and works until it is answered.
    private func submit(_ batch: EncodedBatch, _ life: Life, _ time: inout UInt64) throws(StoreError) -> BatchOutcome? {
        let known = try life.view.progress(of: batch.executionID, in: life.engine.published)
        let submission = Submission(batch: batch, durability: .durable, known: known)
        guard life.engine.queue.offer(submission) == .taken else { return nil }
        time += 10
        _ = life.engine.committer.step(now: MonotonicTime(nanoseconds: time))
        life.engine.completer.runAll()
        life.engine.background.runAll()
        return try submission.result?.get()
    }
}

extension LifecycleSweep {
    private func check(_ image: Stopped, _ index: SimulatedIndex) throws {
        var time: UInt64 = 1000
        let life = try Life(image.disk, index: index, settings: Self.settings)
        // Before the index has followed, and behind that.
        try hold(image, life)
        try life.drain(&time)
        try hold(image, life)
        try life.checkIndex()
        _ = try life.lifecycle.scavenge(.all, random: Self.settings.log.random)
        try hold(image, life)
        try life.checkIndex()
        try holdBytes(image, life)
        try life.engine.committer.finish(now: MonotonicTime(nanoseconds: time))
        let again = try Life(image.disk, index: index, settings: Self.settings)
        try again.drain(&time)
        try hold(image, again)
        try again.checkIndex()
    }

    /// What was acknowledged holds: stored and whole, deleted and refused, or dropped with the front.
    private func hold(_ image: Stopped, _ life: Life) throws {
        let start = life.engine.published.start.segment
        guard start == 1 || image.isRetentionAsked else { throw SimulationFailure("the front is gone") }
        for execution in executions {
            let found = try life.read(execution.id)
            if let found {
                guard found.events == execution.events, found.isFinished, found.firstSegment >= start else {
                    throw SimulationFailure("\(execution.id) is there in part")
                }
            }
            if let tombstone = image.deleted[execution.id] {
                guard found == nil else { throw SimulationFailure("\(execution.id) was deleted, and is there") }
                let known = try life.view.progress(of: execution.id, in: life.engine.published)
                guard known.isDeleted || tombstone < start else {
                    throw SimulationFailure("\(execution.id) was deleted, and would be stored again")
                }
            } else if let first = image.stored[execution.id], !image.askedToDelete.contains(execution.id) {
                guard (found != nil) == (first >= start) else {
                    throw SimulationFailure("\(execution.id) of segment \(first) where the log begins with \(start)")
                }
            }
        }
    }

    /// No file has a byte of what was deleted.
    private func holdBytes(_ image: Stopped, _ life: Life) throws {
        let index = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let files =
            image.disk.contents.map { ($0.key, Data($0.value)) }
            + (try index.map { ($0.lastPathComponent, try Data(contentsOf: $0)) })
        for (seed, execution) in executions.enumerated() where image.deleted[execution.id] != nil {
            // Marks of tombstones that were dropped went with their segments.
            let mark = Data(Self.mark(UInt64(seed)).prefix(64))
            if let holder = files.first(where: { $0.1.range(of: mark) != nil }) {
                throw SimulationFailure("\(holder.0) has bytes of \(execution.id), which was deleted")
            }
        }
    }
}
