import FluxFormat
import FluxIndex
import FluxLog
package import Foundation
import Glibc
import SimulatedDisk
import TestSupport

@testable import FluxStore

/// Writer, index, 8 producers, 4 readers and the preparation of files on one thread, in an order that a seed decides,
/// on a disk that loses power.
package struct StoreSimulation {
    private let seed: UInt64
    var generator: SeededGenerator
    let settings: Settings
    let index: SimulatedIndex
    var disk = SimulatedDisk(directories: ["store", "store/seg"])
    var producers: [Producer] = []
    var time: UInt64 = 0
    /// Cursors that are held, of the life that runs.
    var held: [HeldWalk] = []
    /// How the last life ended.
    private var lastEnd = "nothing"
    /// What was counted.
    package internal(set) var counts = Counts()

    /// Sums over runs.
    package struct Counts {
        package var lives = 0
        package var durableBatches = 0
        package var reads = 0
        package var heldWalks = 0
        package var lists = 0
        package var faults = 0
        package var retentions = 0
        package var deletions = 0
        package var scavenges = 0
        package var interrupted = 0

        package init() {}
    }

    package init(seed: UInt64, folder: URL) throws {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        settings = Settings(using: &generator)
        index = try SimulatedIndex(folder: folder)
        for number in 0..<8 as Range<UInt64> {
            producers.append(Producer(number: 1 + number, stride: 8, using: &generator))
        }
    }

    /// Runs all lives; throws what does not hold.
    package mutating func run() throws {
        defer { index.remove() }
        for number in 0..<settings.lifeCount {
            let isLast = number == settings.lifeCount - 1
            disk.faults = isLast ? [] : faults()
            counts.lives += 1
            do {
                try live(isLast: isLast)
            } catch {
                throw SimulationFailure(
                    "life \(counts.lives) behind \(lastEnd), faults \(disk.faults): \(error)\n\(disk.trace)")
            }
        }
        for producer in producers { for plan in producer.plans { counts.durableBatches += plan.durableCount } }
    }

    private mutating func faults() -> [Fault] {
        var faults: [Fault] = []
        let after = Int.random(in: 5...80, using: &generator)
        for kind in settings.faultKinds {
            switch kind {
            case .failedSync:
                // One that is reported a sync too late acknowledges what is lost: no store can help that, and opening says so.
                let modes: [SyncFailure] = [.keepsNewContent, .restoresOldContent]
                faults.append(
                    Fault([.sync], after: after / 3, .sync(modes.randomElement(using: &generator) ?? .keepsNewContent)))
            case .failedWrite: faults.append(Fault([.write], after: after, .shortWrite(byteCount: 100, EIO)))
            case .fullDisk: faults.append(Fault([.write, .allocate], after: after, .error(ENOSPC)))
            case .failedBackground: faults.append(Fault([.rename, .truncate], after: after / 8, .error(EIO)))
            }
        }
        return faults
    }

    private mutating func live(isLast: Bool) throws {
        let life: Life
        do throws(StoreError) {
            life = try Life(disk, index: index, settings: settings)
        } catch {
            // A fault may hit the opening itself.
            guard disk.faultCount > 0, error.code != .damaged else { throw error }
            counts.faults += disk.faultCount
            disk = disk.killed()
            return
        }
        expire(life)
        try checkAll(life)
        var isRunning = true
        for _ in 0..<settings.stepCount where isRunning { isRunning = try step(life) }
        counts.faults += disk.faultCount
        // Files of cursors that are held lie there when a process ends.
        defer { held = [] }
        if isLast {
            try life.drain(&time)
            try finishWalks()
            for producer in producers { try producer.step(life, using: &generator) }
            try checkAll(life)
            try life.checkIndex()
            try life.engine.committer.finish(now: MonotonicTime(nanoseconds: time))
            return
        }
        try end(life)
    }

    /// Takes one step; `false` where the disk has stopped in its middle.
    private mutating func step(_ life: Life) throws -> Bool {
        time += 1
        let engine = life.engine
        switch Int.random(in: 0..<27, using: &generator) {
        case 0..<10:
            let producer = producers[Int.random(in: 0..<producers.count, using: &generator)]
            try producer.step(life, using: &generator)
        case 10..<14: _ = engine.committer.step(now: MonotonicTime(nanoseconds: time))
        case 14..<16: engine.completer.runAll()
        case 16..<19:
            engine.stepIndex()
            if Int.random(in: 0..<4, using: &generator) == 0 { index.keepSnapshot() }
        case 19: engine.background.runNext()
        case 20..<22: try read(life)
        case 22: return try takeOut(life)
        case 23..<26: try holdOn(life)
        default: try list(life)
        }
        return true
    }

    /// The process is killed, or power is lost, or it ends in order.
    private mutating func end(_ life: Life) throws {
        let hasFailed = disk.faultCount > 0
        switch Int.random(in: 0..<5, using: &generator) {
        case 0 where !disk.hasStopped:
            lastEnd = "a close"
            disk.faults = []
            do throws(LogError) {
                try life.engine.committer.finish(now: MonotonicTime(nanoseconds: time))
            } catch {
                guard case .poisoned = error else { throw error }
            }
            life.engine.completer.runAll()
            while life.engine.indexer.step() {}
            for producer in producers { try producer.step(life, using: &generator) }
            disk = disk.killed()
        case 1:
            lastEnd = "a kill"
            disk = disk.killed()
        default:
            let mode = CrashMode.allCases.randomElement(using: &generator) ?? CrashMode.allCases[0]
            lastEnd = "\(mode) with \(disk.faultCount) faults"
            disk = disk.crashed(mode, using: &generator)
            if settings.isIndexLossy { try index.losePower(using: &generator) }
            forgetWritten()
        }
        // A failed sync may have thrown away what was written.
        if hasFailed { forgetWritten() }
        for producer in producers { producer.forgetStore() }
    }

    private func forgetWritten() {
        for producer in producers { for plan in producer.plans { plan.writtenCount = plan.durableCount } }
    }
}

extension StoreSimulation {
    /// One execution: what is read of it is what was handed in, batch by batch.
    mutating func read(_ life: Life) throws {
        let producer = producers[Int.random(in: 0..<producers.count, using: &generator)]
        guard let plan = producer.plans.randomElement(using: &generator) else { return }
        try check(plan, life, atLeast: plan.durableCount)
    }

    private mutating func check(_ plan: Plan, _ life: Life, atLeast count: Int) throws(StoreError) {
        counts.reads += 1
        do {
            guard let found = try life.read(plan.id) else {
                guard count == 0 || plan.isDeletionAsked else {
                    throw SimulationFailure(
                        "\(plan.id): \(plan.durableCount) durable, \(plan.writtenCount) written batches are gone; life \(counts.lives), \(settings.faultKinds)"
                    )
                }
                return
            }
            guard !plan.isDeleted, found.firstSegment >= life.engine.published.start.segment else {
                throw SimulationFailure("\(plan.id): is there, and was deleted or dropped")
            }
            plan.firstSegment = found.firstSegment
            guard let batches = plan.batchCount(ofEvents: UInt64(found.events.count), isFinished: found.isFinished)
            else {
                throw SimulationFailure("\(plan.id): a batch is cut, \(found.events.count) events")
            }
            guard batches >= count, batches <= max(plan.submittedCount, count) else {
                throw SimulationFailure(
                    "\(plan.id): \(batches) batches are there; \(count) are durable, \(plan.submittedCount) were handed in"
                )
            }
            guard found.events == plan.events(ofBatches: batches) else {
                throw SimulationFailure("\(plan.id): other events than were handed in")
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.damaged, "\(error)")
        }
    }

    private mutating func checkAll(_ life: Life) throws {
        for producer in producers {
            for plan in producer.plans { try check(plan, life, atLeast: max(plan.durableCount, plan.writtenCount)) }
        }
    }

    /// A list: everything durable is in it, in order, and nothing else.
    private mutating func list(_ life: Life) throws {
        let published = life.engine.published
        // A list would wait for the index, which works on this thread.
        guard !published.isCatchingUp, published.overlay(executionCountMax: 4096) != nil else { return }
        counts.lists += 1
        let app = "shop-\(Int.random(in: 0..<3, using: &generator))"
        let limit = Int.random(in: 1...20, using: &generator)
        let order = Bool.random(using: &generator) ? ExecutionOrder.newestFirst : .oldestFirst
        // A small budget ends pages early.
        let request = PageRequest(
            query: ExecutionQuery(app: app), order: order, limit: limit,
            examinedMax: Int.random(in: 1...40, using: &generator))
        var listed: [ExecutionSummary] = []
        var token: PageToken?
        repeat {
            let page = try life.view.page(request, after: token)
            listed += page.executions
            token = page.nextPageToken
        } while token != nil
        for (row, next) in zip(listed, listed.dropFirst()) where !order.puts(row.place, before: next.place) {
            throw SimulationFailure("a list is out of order at \(row.id)")
        }
        let plans = producers.flatMap(\.plans).filter { $0.batches[0].metadata.app == app }
        let ids = Set(listed.map(\.id))
        for plan in plans where plan.durableCount > 0 && !plan.isDeletionAsked && !ids.contains(plan.id) {
            throw SimulationFailure(
                "\(plan.id), \(plan.durableCount) durable batches from \(plan.firstSegment ?? 0) on, is not in the list; "
                    + "by its id: \(try life.read(plan.id)?.events.count ?? -1) events; start \(published.start)")
        }
        let possible = Set(plans.filter { $0.submittedCount > 0 && !$0.isDeleted }.map(\.id))
        guard ids.isSubset(of: possible), ids.count == listed.count else {
            throw SimulationFailure("a list has an execution that was not handed in, or one twice")
        }
    }
}
