import FluxFormat
import FluxStore
import TestSupport

/// Cursors over a store that goes on, some of them held while much is taken out of it.
struct DoorReaders {
    let store: EventStore
    let model: DoorModel
    let rounds: DoorRounds

    /// Opens a cursor over an execution, walks a part of it, and the rest after some rounds.
    func hold(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        while !model.isOver {
            let isLarge = Bool.random(using: &generator)
            guard let picked = model.pick(using: &generator) else {
                await rounds.wait(for: 1)
                continue
            }
            // The large one before it may still be there.
            let large = DoorWork.large(upTo: picked)
            let number = isLarge && model.entry(large)?.isPromised ?? false ? large : picked
            try await hold(number, using: &generator)
        }
    }

    private func hold(_ number: UInt64, using generator: inout SeededGenerator) async throws {
        guard let before = model.entry(number) else { return }
        var expected = ExpectedEvents(number: number)
        let id = DoorWork(number: number).parts.id
        do {
            var cursor = try store.cursor(over: id)
            guard let sent = model.entry(number)?.sent else { return }
            let stop = Int.random(in: 0...300, using: &generator)
            let roundCount = Int.random(in: 1...6, using: &generator)
            try await walk(&cursor, &expected, upTo: stop)
            await rounds.wait(for: roundCount)
            if Bool.random(using: &generator), expected.count > 0 {
                // Its places are looked up again.
                try cursor.seek(to: 0)
                expected = ExpectedEvents(number: number)
            }
            try await walk(&cursor, &expected, upTo: .max)
            try expected.finish(acknowledged: before.acknowledged, sent: sent)
            model.count { $0.heldWalks += 1 }
        } catch let error as StoreError {
            try allowAbsence(of: number, error)
        }
    }

    private func walk(
        _ cursor: inout EventCursor, _ expected: inout ExpectedEvents, upTo stop: Int
    ) async throws {
        while expected.count < stop, try await cursor.load() {
            while expected.count < stop, let view = cursor.nextLoaded() { try expected.take(view) }
        }
    }

    /// An execution is gone where it was deleted; where not, retention must have dropped it.
    private func allowAbsence(of number: UInt64, _ error: StoreError) throws {
        guard error.code == .noExecution else { throw SoakFailure("execution \(number): \(error)") }
        if model.entry(number)?.isDeletionAsked ?? true { return }
        model.miss(number)
    }

    /// Opens cursors over executions and their heads, and walks them at once.
    func walk(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        while !model.isOver {
            await Task.yield()
            guard let number = model.pick(using: &generator), let before = model.entry(number) else { continue }
            var expected = ExpectedEvents(number: number)
            do {
                let id = DoorWork(number: number).parts.id
                if Bool.random(using: &generator) {
                    var cursor = try store.cursor(over: id)
                    while let view = try cursor.next() { try expected.take(view) }
                } else {
                    var cursor = try store.headCursor(over: id)
                    while let view = try cursor.next() { try expected.takeHead(view) }
                }
                let sent = model.entry(number)?.sent ?? .max
                try expected.finish(acknowledged: before.acknowledged, sent: sent)
                model.count { $0.walks += 1 }
            } catch let error as StoreError {
                try allowAbsence(of: number, error)
            }
        }
    }
}

/// Scans of the whole log that are held.
extension DoorReaders {
    /// Opens a cursor over everything, walks a part, and the rest after some rounds: what was there when it was opened is
    /// handed out whole, in order, whatever was taken out since.
    func scan(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        while !model.isOver {
            let moment = model.enter()
            defer { model.leave(moment) }
            var cursor = try await store.cursor()
            var scan = ScannedExecutions()
            let stop = Int.random(in: 0...20_000, using: &generator)
            var isPaused = false
            while try await cursor.load() {
                while let view = cursor.nextLoaded() { try scan.take(view) }
                if !isPaused, scan.eventCount >= stop {
                    isPaused = true
                    await rounds.wait(for: Int.random(in: 1...5, using: &generator))
                }
            }
            try scan.finish(moment, model)
            model.count { $0.heldScans += 1 }
        }
    }
}

/// The executions that a scan of the whole log meets.
private struct ScannedExecutions {
    private(set) var eventCount = 0
    /// Those of which more may come.
    private var open: [UInt64: ExpectedEvents] = [:]
    private var whole: Set<UInt64> = []

    mutating func take(_ view: borrowing EventView) throws {
        let number = DoorWork.number(of: view.executionID)
        guard !whole.contains(number) else { throw SoakFailure("\(number) goes on behind its end") }
        var expected = open.removeValue(forKey: number) ?? ExpectedEvents(number: number)
        try expected.take(view)
        if expected.isWhole { whole.insert(number) } else { open[number] = expected }
        eventCount += 1
    }

    /// Compares with what was known before the scan.
    func finish(_ moment: DoorMoment, _ model: DoorModel) throws {
        for (number, expected) in open {
            try expected.finish(acknowledged: moment.entries[number]?.acknowledged ?? 0, sent: .max)
        }
        for number in whole.union(open.keys) where moment.entries[number]?.endedRound != nil {
            throw SoakFailure("a scan has \(number), which was gone before")
        }
        for (number, entry) in moment.promised where !whole.contains(number) && open[number] == nil {
            // One without an event shows nothing.
            guard DoorWork(number: number).parts.events(ofBatches: entry.acknowledged).count > 0 else { continue }
            // It went between the moment and the scan.
            if !(model.entry(number)?.isDeletionAsked ?? true) { model.miss(number) }
        }
    }
}
