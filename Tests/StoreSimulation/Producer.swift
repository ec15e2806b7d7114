import FluxFormat
import FluxLog
import TestSupport

@testable import FluxStore

/// Hands batches to a store, one after the other, and notes what it is told.
final class Producer {
    private(set) var plans: [Plan] = []
    private var plan: Plan
    private var next = 0
    private var state = State.idle
    private var planNumber: UInt64
    private let stride: UInt64
    /// Whether the execution was deleted when its batch was handed in.
    private var wasDeleted = false
    /// How often the execution had been dropped then.
    private var expiryCount = 0

    private enum State {
        case idle
        case lookedUp(KnownProgress, batch: Int)
        case waiting(Submission, batch: Int, Durability)
    }

    init(number: UInt64, stride: UInt64, using generator: inout SeededGenerator) {
        planNumber = number
        self.stride = stride
        plan = Plan(number: number, using: &generator)
        plans = [plan]
    }

    /// The store is gone: no answer comes any more, and the next life begins with a retry.
    func forgetStore() {
        state = .idle
        // What waited in memory is gone, and so may be what was written.
        next = plan.durableCount
    }

    /// Takes one step.
    func step(_ life: Life, using generator: inout SeededGenerator) throws {
        switch state {
        case .idle: try lookUp(life, using: &generator)
        case .lookedUp(let known, let batch): try offer(batch, known, life, using: &generator)
        case .waiting(let submission, let batch, let durability):
            guard let result = submission.result else { return }
            state = .idle
            try take(result, batch: batch, durability)
        }
    }

    private func lookUp(_ life: Life, using generator: inout SeededGenerator) throws {
        if next >= plan.batches.count {
            planNumber += stride
            plan = Plan(number: planNumber, using: &generator)
            plans.append(plan)
            next = 0
        }
        // Sometimes one that is stored already.
        let isRetry = next > 0 && Int.random(in: 0..<5, using: &generator) == 0
        let batch = isRetry ? Int.random(in: 0..<next, using: &generator) : next
        do throws(StoreError) {
            state = .lookedUp(try life.view.progress(of: plan.id, in: life.engine.published), batch: batch)
        } catch {
            // A disk that fails fails for readers as well.
            guard error.code == .io || error.code == .index else { throw error }
        }
    }

    private func offer(
        _ batch: Int, _ known: KnownProgress, _ life: Life, using generator: inout SeededGenerator
    ) throws {
        let encoded = try BatchEncoder.encode(
            plan.batches[batch], encoder: FrameEncoder(storeSalt: life.storeSalt), frameByteCountTarget: 1000)
        let durability = Durability.allCases.randomElement(using: &generator) ?? .durable
        let submission = Submission(batch: encoded, durability: durability, known: known)
        guard life.engine.queue.offer(submission) == .taken else { return }
        (wasDeleted, expiryCount) = (plan.isDeleted, plan.expiryCount)
        plan.submittedCount = max(plan.submittedCount, batch + 1)
        if durability == .queued {
            // No one is told what becomes of it.
            state = .idle
            next = max(next, batch + 1)
        } else {
            state = .waiting(submission, batch: batch, durability)
        }
    }

    private func take(_ result: Result<BatchOutcome, StoreError>, batch: Int, _ durability: Durability) throws {
        let outcome: BatchOutcome
        do throws(StoreError) {
            outcome = try result.get()
        } catch {
            // Nothing was promised.
            return
        }
        switch outcome {
        // It was stored before the execution was dropped, and is gone with it.
        case .stored where plan.expiryCount != expiryCount, .duplicate where plan.expiryCount != expiryCount: break
        case .stored(let position, let reached) where batch == 0 && !plan.isDeletionAsked:
            plan.firstSegment = position.segment
            try noteStored(reached, batch: batch, durability)
        case .stored(_, let reached), .duplicate(_, let reached):
            try noteStored(reached, batch: batch, durability)
        case .expected(let event):
            guard let count = plan.batchCount(ofEvents: event, isFinished: false) ?? (event == 0 ? 0 : nil),
                count <= plan.submittedCount, count >= plan.durableCount
            else { throw SimulationFailure("\(plan.id): event \(event) is expected, which no batch begins with") }
            // What was only queued, or written, was lost.
            next = event == 0 ? 0 : count
        case .finished: throw SimulationFailure("\(plan.id): finished, though each batch is sent as it was")
        case .deleted:
            // What was dropped may be remembered until the index has followed.
            guard plan.isDeletionAsked || plan.hasForgottenDeletion else {
                throw SimulationFailure("\(plan.id): deleted, which no one asked for")
            }
            next = plan.batches.count
        case .unknown: throw SimulationFailure("\(plan.id): a batch is no deletion")
        case .lookUpAgain: break
        }
    }

    private func noteStored(_ reached: Durability, batch: Int, _ durability: Durability) throws {
        guard !wasDeleted || !plan.isDeleted else {
            throw SimulationFailure("\(plan.id): stored, though it was deleted")
        }
        guard reached >= durability else {
            throw SimulationFailure("\(plan.id): \(durability) asked, \(reached) told")
        }
        plan.writtenCount = max(plan.writtenCount, batch + 1)
        if reached == .durable { plan.durableCount = max(plan.durableCount, batch + 1) }
        next = max(next, batch + 1)
    }
}
