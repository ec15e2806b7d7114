import FluxFormat
import FluxIndex
import FluxLog
import SimulatedDisk
import TestSupport

@testable import FluxStore

/// Does on this thread what a store hands to others.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
struct SimulatedWork: LifecycleWork, @unchecked Sendable {
    let engine: StoreEngine<SimulatedFileSystem>

    func commit(_ work: CommitErrand.Work) throws(StoreError) {
        let answer = Answer()
        guard engine.queue.add(CommitErrand(work: work, finish: answer.give)) else { throw Answer.none }
        _ = engine.committer.step(now: MonotonicTime(nanoseconds: 0))
        try answer.get()
    }

    func index(_ body: @escaping @Sendable (MetadataIndex) throws(IndexError) -> Void) throws(StoreError) {
        if engine.published.isCatchingUp { _ = engine.indexer.start() }
        if let failure = engine.published.state.withLock(\.failure) { throw failure }
        for _ in 0..<10_000 where engine.published.lagFrameCount > 0 && !engine.published.isCatchingUp {
            _ = engine.indexer.step()
        }
        let answer = Answer()
        guard engine.published.add(IndexErrand(body: body, finish: answer.give)) else { throw Answer.none }
        _ = engine.indexer.step()
        try answer.get()
    }

    private final class Answer: Sendable {
        static let none = StoreError(.io, "nothing came of it")
        private let result = Guarded<Result<Void, StoreError>?>(nil)

        func give(_ result: Result<Void, StoreError>) { self.result.withLock { $0 = result } }

        func get() throws(StoreError) {
            guard let result = result.withLock(\.self) else { throw Self.none }
            try result.get()
        }
    }
}

extension StoreSimulation {
    /// Deletes, drops or scavenges; `false` where power was lost meanwhile, as it is at any call that changes the disk.
    mutating func takeOut(_ life: Life) throws -> Bool {
        let isInterrupted = settings.lifeCount > counts.lives && Int.random(in: 0..<4, using: &generator) == 0
        if isInterrupted { disk.stopAt = disk.operationCount + Int.random(in: 0..<40, using: &generator) }
        do throws(StoreError) {
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: try retain(life)
            case 1..<3: try scavenge(life)
            default: try delete(life)
            }
        } catch {
            if !disk.hasStopped, disk.faultCount == 0 { throw error }
        }
        if !disk.hasStopped { disk.stopAt = nil } else { counts.interrupted += 1 }
        return !disk.hasStopped
    }

    /// What is gone with segments that were dropped is known of the store: it says where the log begins.
    func expire(_ life: Life) {
        let start = life.engine.published.start.segment
        for producer in producers { for plan in producer.plans { plan.expire(before: start) } }
    }

    private mutating func retain(_ life: Life) throws(StoreError) {
        // What was only queued told no one where it began.
        for producer in producers {
            for plan in producer.plans where plan.firstSegment == nil && plan.submittedCount > 0 {
                plan.firstSegment = try life.view.execution(of: plan.id)?.frames.first?.position.segment
            }
        }
        let limit = UInt64(Int.random(in: 0...60, using: &generator) * 1024)
        defer { expire(life) }
        let report = try life.lifecycle.retain(RetentionPolicy(maxByteCount: limit), now: 1, isDryRun: false)
        counts.retentions += report.segments > 0 ? 1 : 0
    }

    private mutating func scavenge(_ life: Life) throws(StoreError) {
        let scope: ScavengeScope = Bool.random(using: &generator) ? .all : .share(0.3)
        let report = try life.lifecycle.scavenge(scope, random: settings.log.random)
        counts.scavenges += report.segments > 0 ? 1 : 0
    }

    private mutating func delete(_ life: Life) throws(StoreError) {
        let producer = producers[Int.random(in: 0..<producers.count, using: &generator)]
        guard let plan = producer.plans.randomElement(using: &generator) else { return }
        let tombstone = EncodedBatch(deleting: plan.id, at: 1, encoder: FrameEncoder(storeSalt: life.storeSalt))
        let known = try life.view.progress(of: plan.id, in: life.engine.published)
        let submission = Submission(batch: tombstone, durability: .durable, known: known)
        guard life.engine.queue.offer(submission) == .taken else { return }
        let wasAsked = plan.isDeletionAsked
        plan.isDeletionAsked = true
        for _ in 0..<100 where submission.result == nil {
            time += 10
            if life.engine.committer.step(now: MonotonicTime(nanoseconds: time)) == .lagging {
                life.engine.stepIndex()
            }
            life.engine.completer.runAll()
        }
        guard let result = submission.result else { return }
        switch try result.get() {
        case .stored(let position, _):
            plan.tombstoneSegment = position.segment
            plan.isDeleted = true
            counts.deletions += 1
        case .duplicate: plan.isDeleted = true
        case .unknown:
            // A deletion that an end of the process left without an answer may have been dropped since.
            guard plan.durableCount == 0 || wasAsked else {
                throw StoreError(.damaged, "\(plan.id) is durable, and is not there to be deleted")
            }
            if wasAsked { plan.forgetDeletion() } else { plan.isDeletionAsked = false }
        default: break
        }
    }
}
