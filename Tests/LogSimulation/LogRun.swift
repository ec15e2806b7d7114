import FluxFiles
package import FluxFormat
package import FluxLog
import Glibc
package import SimulatedDisk

/// A log that is written on a simulated disk, beside the model of what its writer answered.
package final class LogRun {
    package typealias Writer = LogWriter<SimulatedFileSystem>

    package static let path = "store"
    package static let options = LogOptions(segmentByteCountMax: 24 << 10, groupByteCountMax: 16 << 10)

    package let disk: SimulatedDisk
    package internal(set) var model = LogModel()
    package internal(set) var source: BatchSource
    package private(set) var writer: Writer?
    /// Where the log was durable last, and before that.
    package private(set) var durableEnds = (previous: Position.zero, last: Position.zero)
    /// A segment to which nothing may be appended: it was not closed in order.
    var untouchable: UInt32?
    /// Calls that found no room.
    package private(set) var noSpaceCount = 0
    /// Whether a sync failed, and what was written may be gone although nothing crashed.
    private(set) var isCacheLost = false
    /// Openings that succeeded.
    private(set) var openingCount = 0
    /// Openings in a row that failed because of a call.
    private var failedOpeningCount = 0

    /// Nothing more can be done on the disk.
    struct Ended: Error {}

    package init(disk: SimulatedDisk = SimulatedDisk(directories: ["store/seg"]), source: BatchSource) {
        self.disk = disk
        self.source = source
    }

    /// Opens the log, does the steps, and stops early where the disk does, or where it fails for good.
    package func run(_ steps: [Step]) throws {
        do {
            if writer == nil { try open() }
            for step in steps {
                try run(step)
                try holdDurableEnd()
            }
        } catch is Ended {
            return
        }
    }

    /// Closes the log in order.
    package func close() throws {
        guard let writer else { return }
        do {
            try writer.close()
        } catch {
            try fail(error, "close")
            return
        }
        model.sync()
        note(writer.durableEnd)
        self.writer = nil
    }

    private func run(_ step: Step) throws {
        switch step {
        case .write(let count): try write(source.next(count))
        case .sync: try sync()
        case .roll: try roll()
        case .background(let count): for _ in 0..<count { writer?.background.runNext() }
        case .reopen:
            try close()
            try open()
        case .kill: try open()
        case .tear(let byteCount):
            disk.faults.insert(Fault([.write], .shortWrite(byteCount: byteCount, EIO), on: ".rpl"), at: 0)
            try write(source.next(3))
        }
    }
}

extension LogRun {
    /// Opens the log as it lies, as after a kill, and holds what it serves against the model.
    package func open(isKilled: Bool = true) throws {
        writer = nil
        let wasCacheLost = isCacheLost
        isCacheLost = false
        let opened: Writer.Opened
        do throws(LogError) {
            let found = try UnopenedLog(Self.path, files: disk.fileSystem)
            untouchable = Self.untouchable(found)
            opened = try Writer.open(found, options: Self.options, now: { 1_700_000_000_000_000_000 })
        } catch {
            isCacheLost = wasCacheLost
            if disk.hasStopped { throw Ended() }
            guard case .io(let cause) = error, disk.faultCount > 0 else {
                if !model.isTrusting { throw Ended() }
                throw Violation("alarm", "a log without damage is refused: \(error)")
            }
            if cause.operation == "sync" {
                isCacheLost = true
                model.failSync()
            }
            failedOpeningCount += 1
            if failedOpeningCount > 3 { throw Ended() }
            return try open(isKilled: isKilled)
        }
        failedOpeningCount = 0
        openingCount += 1
        let found = try readQuietly(upTo: opened.writer.durableEnd)
        writer = opened.writer
        source.use(storeSalt: opened.writer.storeSalt)
        if let objection = model.objection(to: found.batches, isKilled: isKilled && !wasCacheLost) {
            throw Violation(isKilled ? "kill" : "durable", objection)
        }
        model.adopt(found.batches)
        source.goOn(behind: found.batches)
        durableEnds = (durableEnds.last, opened.writer.durableEnd)
    }

    /// The last segment, where a writer left it without closing it and it holds frames.
    private static func untouchable(_ found: UnopenedLog<SimulatedFileSystem>) -> UInt32? {
        guard let tail = found.tail, tail.trailer == nil, tail.end > SegmentHeader.byteCount,
            found.directory.head?.state != .clean
        else { return nil }
        return found.end.segment
    }

    /// Reads the log without being hit by a fault.
    private func readQuietly(upTo limit: Position) throws -> FoundLog {
        let copy = disk.copy
        copy.isTraced = false
        do {
            return try FoundLog(Self.path, files: copy.fileSystem, upTo: limit)
        } catch let error as LogError {
            // What a sync that lied has lost is met when it is read: opening does not read sealed segments.
            guard model.isTrusting else { throw Ended() }
            throw Violation("alarm", "a log that was opened cannot be read up to \(limit): \(error)")
        }
    }

    private func write(_ batches: [EncodedBatch]) throws {
        var rest = batches[...]
        var attemptCount = 0
        while !rest.isEmpty {
            guard let writer else { throw Ended() }
            do {
                let written = try writer.write(rest)
                model.write(rest.prefix(written.count).map { BatchKey($0) })
                rest = rest.dropFirst(written.count)
                if let position = written.first?.frames.first?.position, position.segment == untouchable {
                    throw Violation("append", "\(position) lies in a segment that was not closed in order")
                }
            } catch let error as LogError {
                // A roll before the failure has synced what was written before it.
                if !writer.hasUnsynced, writer.durableEnd > durableEnds.last {
                    model.sync()
                    note(writer.durableEnd)
                }
                model.abandon(rest.map { BatchKey($0) })
                try fail(error, "write")
                // A log that was opened again is asked what it has.
                guard self.writer === writer else { return }
                attemptCount += 1
                if attemptCount > 2 { return source.goOn(behind: model.durable + model.written) }
            }
        }
    }

    private func sync() throws {
        guard let writer else { throw Ended() }
        do {
            try writer.sync()
            model.sync()
            note(writer.durableEnd)
        } catch {
            try fail(error, "sync")
        }
    }

    private func roll() throws {
        guard let writer else { throw Ended() }
        do {
            try writer.roll()
            model.sync()
            note(writer.durableEnd)
        } catch {
            try fail(error, "roll")
        }
    }

    /// What a user of the log does when a call failed: nothing where there was no room, else opens the log again.
    private func fail(_ error: LogError, _ call: String) throws {
        if disk.hasStopped { throw Ended() }
        guard let writer else { throw Ended() }
        switch error {
        case .noSpace:
            noSpaceCount += 1
            if noSpaceCount > 2 { disk.capacityByteCount = nil }
            if noSpaceCount > 20 { throw Ended() }
        case .io, .poisoned:
            let isSync =
                if case .io(let cause) = error {
                    cause.operation == "sync" && cause.path.hasPrefix("store/seg/")
                } else { true }
            if isSync {
                isCacheLost = true
                model.failSync()
                try holdPoison(of: writer, after: error)
            }
            // Who is poisoned says so in HEAD where it can; the next opening goes by that and by the medium.
            try open()
        default: throw Violation("alarm", "\(call) on a log without damage: \(error)")
        }
    }

    /// After a failed sync nothing is taken any more.
    private func holdPoison(of writer: Writer, after error: LogError) throws {
        let end = writer.durableEnd
        let batches = source.next(1)
        let copy = disk.faults
        disk.faults = []
        defer { disk.faults = copy }
        do throws(LogError) {
            _ = try writer.write(batches[...])
            try writer.sync()
        } catch {
            guard writer.durableEnd == end else {
                throw Violation("poison", "the durable end moved from \(end) to \(writer.durableEnd)")
            }
            return
        }
        throw Violation("poison", "a batch was acknowledged after: \(error)")
    }

    private func note(_ end: Position) {
        if end != durableEnds.last { durableEnds = (durableEnds.last, end) }
    }

    /// The durable end never goes back, and never moves but by a sync that succeeded.
    private func holdDurableEnd() throws {
        guard let writer else { return }
        let end = writer.durableEnd
        guard end >= durableEnds.last else {
            throw Violation("promise", "the durable end went back from \(durableEnds.last) to \(end)")
        }
        // Beginning a segment moves it behind the header.
        if end.offset == SegmentHeader.byteCount, end.segment > durableEnds.last.segment { note(end) }
        if end != durableEnds.last, writer.hasUnsynced || !model.written.isEmpty {
            // A roll inside of a write syncs what was written before it.
            guard end.segment > durableEnds.last.segment else {
                throw Violation("promise", "\(end) is published, and the last sync ended at \(durableEnds.last)")
            }
        }
        note(end)
    }
}
