import FluxFormat
import FluxLog
import SimulatedDisk

@testable import FluxStore

/// A cursor that is held while the store goes on: over one execution, or over the whole log.
final class HeldWalk {
    private var walk: FrameWalk<SimulatedFileSystem>
    private var assembler = EventAssembler()
    private var events: [ExecutionID: [Event]] = [:]
    /// What may be met, and how many batches of it must be.
    private let promised: [ExecutionID: (plan: Plan, count: Int)]

    /// Opens a cursor over an execution; `nil` where there is none.
    init?(over plan: Plan, _ life: Life) throws(StoreError) {
        let table = life.table.held()
        guard let locations = try life.view.locations(of: plan.id) else { return nil }
        walk = FrameWalk(FrameFeed(table, locations), parts: .all)
        promised = [plan.id: (plan, plan.durableCount)]
    }

    /// Opens one over all executions. The index holds everything that is published.
    init(overAll plans: [Plan], _ life: Life) throws(StoreError) {
        let table = life.table.held()
        let extent = life.engine.published.extent
        let filter = try FrameFilter(life.view.source, extent: extent, table: table)
        walk = FrameWalk(
            FrameFeed(
                table, extent: extent, over: .zero..<Position(rawValue: .max), filter: filter, reading: .unverified),
            parts: .all)
        var promised: [ExecutionID: (plan: Plan, count: Int)] = [:]
        for plan in plans { promised[plan.id] = (plan, plan.isDeletionAsked ? 0 : plan.durableCount) }
        self.promised = promised
    }

    /// Reads one frame; `false` at the end.
    func step() throws -> Bool {
        guard case .records(let records, let places) = try walk.next(mayWait: true) else { return false }
        for place in places {
            let view = records.record(at: place)
            let id = view.executionID
            if let whole = assembler.add(view) { events[id, default: []].append(whole.event) }
        }
        return true
    }

    /// Throws unless what was read is what was there when the cursor was opened.
    func check() throws {
        if let stranger = events.keys.first(where: { promised[$0] == nil }) {
            throw SimulationFailure("\(stranger): is met, and was not handed in")
        }
        for (id, (plan, count)) in promised {
            let found = events[id] ?? []
            guard (count...plan.batches.count).contains(where: { plan.events(ofBatches: $0) == found }) else {
                throw SimulationFailure(
                    "\(id): a cursor that was held met \(found.count) events; \(count) of \(plan.batches.count) "
                        + "batches were durable when it was opened")
            }
        }
    }
}

extension StoreSimulation {
    /// Opens a cursor that is held, or goes on with one.
    mutating func holdOn(_ life: Life) throws {
        if held.count < 4, Int.random(in: 0..<3, using: &generator) == 0 { return try beginWalk(life) }
        guard !held.isEmpty else { return }
        let place = Int.random(in: 0..<held.count, using: &generator)
        if try step(held[place]) { return }
        let walk = held.remove(at: place)
        try walk.check()
        counts.heldWalks += 1
    }

    /// Walks all that are held to their ends.
    mutating func finishWalks() throws {
        for walk in held {
            while try step(walk) {}
            try walk.check()
            counts.heldWalks += 1
        }
        held = []
    }

    private func step(_ walk: HeldWalk) throws -> Bool {
        do {
            return try walk.step()
        } catch {
            throw SimulationFailure("a cursor that was held fails: \(error)")
        }
    }

    private mutating func beginWalk(_ life: Life) throws {
        let plans = producers.flatMap(\.plans)
        if Bool.random(using: &generator) {
            guard let plan = plans.randomElement(using: &generator) else { return }
            if let walk = try HeldWalk(over: plan, life) { held.append(walk) }
        } else {
            let published = life.engine.published
            // It would wait for the index, which works on this thread.
            guard !published.isCatchingUp, published.lagFrameCount == 0 else { return }
            held.append(try HeldWalk(overAll: plans, life))
        }
    }
}
