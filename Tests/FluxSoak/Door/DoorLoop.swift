import FluxFormat
import FluxStore
import Foundation
import TestSupport

/// Everything that a store can do, in one process at the same time: appends, cursors that are held, scans, queries,
/// deletions, retention, scavenging, backups, and a second store over the same folder that only reads.
struct DoorLoop {
    private static let producerCount: UInt64 = 16
    private static let segmentByteCount = 256 << 10
    private static let descriptorCountMax = 900

    private(set) var counts = DoorCounts()
    private(set) var figures: RunFigures
    /// Descriptors before the store was opened, and behind its end.
    private(set) var descriptors: (start: [String], end: [String]) = ([], [])

    init(until end: ContinuousClock.Instant) {
        figures = RunFigures(start: .now, end: end)
    }

    /// Runs until the time has come, and everything has happened at least once. Throws what does not hold; the folder is left then.
    mutating func run(seed: UInt64) async throws {
        let folder = try ScratchFolder(inMemory: false)
        // What is opened once is open behind this.
        try await EventStore.open(at: "\(folder.path)/first").close()
        descriptors.start = try ProcessFigures.descriptors
        try await work(seed, folder.path)
        // Threads that end let go of what they hold a moment later.
        let deadline = ContinuousClock.now + .seconds(10)
        repeat {
            await Task.yield()
            descriptors.end = try ProcessFigures.descriptors
        } while descriptors.end.count > descriptors.start.count && ContinuousClock.now < deadline
        try check()
        folder.remove()
    }

    private func check() throws {
        guard descriptors.end.count <= descriptors.start.count else {
            throw SoakFailure("of \(descriptors.start) descriptors were open, and are of \(descriptors.end)")
        }
        guard figures.descriptorCountMax <= Self.descriptorCountMax else {
            throw SoakFailure("\(figures.descriptorCountMax) descriptors were open at the same time")
        }
        // Sanitizers have memory of their own.
        guard !AppendProcess.canFollowCalls || figures.late <= figures.early + figures.growthMax else {
            throw SoakFailure("\(figures.early) bytes of memory became \(figures.late)")
        }
    }

    private mutating func work(_ seed: UInt64, _ folder: String) async throws {
        let path = "\(folder)/store"
        let backup = "\(folder)/backup"
        let options = StoreOptions(
            segmentByteCountMax: Self.segmentByteCount, frameByteCountTarget: DoorWork.frameByteCount)
        let store = try EventStore.open(at: path, options: options)
        let model = DoorModel()
        let rounds = DoorRounds()
        let lifecycle = DoorLifecycle(store: store, model: model, rounds: rounds, backup: backup)
        let readers = DoorReaders(store: store, model: model, rounds: rounds)
        var jobs: [@Sendable () async throws -> Void] = []
        for place in 0..<Self.producerCount {
            jobs.append { try await DoorProducers(store: store, model: model).run(seed: seed + 100 + place) }
        }
        for place in 0..<6 as Range<UInt64> { jobs.append { try await readers.hold(seed: seed + 200 + place) } }
        for place in 0..<2 as Range<UInt64> { jobs.append { try await readers.scan(seed: seed + 300 + place) } }
        jobs.append { try await readers.walk(seed: seed + 400) }
        jobs.append { try await DoorQueries(store: store, model: model).run(seed: seed + 500) }
        jobs.append { try await SecondReader(path: path, model: model, rounds: rounds).run(seed: seed + 600) }
        var figures = figures
        try await Self.run(jobs, model, rounds) {
            try await lifecycle.run(seed: seed + 700) {
                try figures.note()
                if ContinuousClock.now >= figures.end, model.counts.areVaried { model.end() }
            }
        }
        self.figures = figures
        try await lifecycle.survey(model.takeMissed())
        try await finish(lifecycle, folder)
        counts = model.counts
    }

    /// Runs jobs beside `body`; the first that fails ends all.
    private static func run(
        _ jobs: [@Sendable () async throws -> Void], _ model: DoorModel, _ rounds: DoorRounds,
        beside body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for job in jobs {
                group.addTask {
                    do {
                        try await job()
                    } catch {
                        model.end()
                        throw error
                    }
                }
            }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            model.end()
            await rounds.end()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Checks all that is left: the store, its last backup, and what comes back from that.
    private func finish(_ lifecycle: DoorLifecycle, _ folder: String) async throws {
        let store = lifecycle.store
        let scavenged = try await store.scavenge(.all)
        guard scavenged.heldFiles == 0 else {
            throw SoakFailure("\(scavenged.heldFiles) files are held, and there is no cursor")
        }
        try await lifecycle.verify(.deep)
        _ = try await store.backup(to: lifecycle.backup)
        try await EventStore.restore(from: lifecycle.backup, to: "\(folder)/restored")
        let restored = try EventStore.open(at: "\(folder)/restored", options: StoreOptions(access: .readOnly))
        let (count, restoredCount) = (try await store.count(), try await restored.count())
        guard count == restoredCount else { throw SoakFailure("\(restoredCount) of \(count) come back from a backup") }
        let report = try await restored.verify(.deep)
        if let finding = report.findings.first { throw SoakFailure("verify finds in a backup: \(finding.message)") }
        await restored.close()
        await store.close()
    }
}

/// A store that is open for reading beside the one that writes, as another process would open it.
struct SecondReader {
    let path: String
    let model: DoorModel
    let rounds: DoorRounds

    func run(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        while !model.isOver {
            let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
            for _ in 0..<20 where !model.isOver {
                let order: ExecutionOrder = Bool.random(using: &generator) ? .newestFirst : .oldestFirst
                for row in try store.executions(order: order, limit: 20).executions {
                    try walk(DoorWork.number(of: row), store)
                }
                await rounds.wait(for: 1)
            }
            await store.close()
        }
    }

    /// What went since is told; what is handed out is right.
    private func walk(_ number: UInt64, _ store: EventStore) throws {
        var expected = ExpectedEvents(number: number)
        do {
            var cursor = try store.cursor(over: DoorWork(number: number).parts.id)
            while let view = try cursor.next() { try expected.take(view) }
            try expected.finish(acknowledged: 0, sent: .max)
            model.count { $0.readerWalks += 1 }
        } catch let error as StoreError where error.code == .expired || error.code == .noExecution {
            model.count { $0.readerExpired += 1 }
        }
    }
}
