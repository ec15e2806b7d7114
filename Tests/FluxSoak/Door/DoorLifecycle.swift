import FluxFormat
import FluxStore
import TestSupport

/// Takes executions out of a store, and backs it up, one thing after the other.
struct DoorLifecycle {
    /// Bytes of the log that are kept.
    private static let keptByteCount: UInt64 = 4 << 20
    private static let deletionCount = 20

    let store: EventStore
    let model: DoorModel
    let rounds: DoorRounds
    /// The folder of the backup.
    let backup: String

    /// Runs until everyone ends; `note` is called behind each round.
    func run(seed: UInt64, note: () throws -> Void) async throws {
        var generator = SeededGenerator(seed: seed)
        var round = 0
        while !model.isOver {
            for _ in 0..<Self.deletionCount { try await delete(using: &generator) }
            switch round % 5 {
            case 0, 2: try await retain()
            case 1: try await scavenge(.share(0.01))
            case 3: try await backUp(isVerified: round % 3 == 0)
            default: try await scavenge(.all)
            }
            if round % 10 == 9 { try await verify(.structure) }
            round += 1
            model.count { $0.rounds = round }
            model.endRound()
            await rounds.next()
            try note()
        }
    }

    private func delete(using generator: inout SeededGenerator) async throws {
        guard let picked = model.pick(using: &generator) else { return }
        // The large ones have few numbers.
        let large = DoorWork.large(upTo: picked)
        let isLarge = Int.random(in: 0..<10, using: &generator) == 0 && model.entry(large)?.isPromised ?? false
        let number = isLarge ? large : picked
        let parts = DoorWork(number: number).parts
        model.askDeletion(number)
        do {
            try await store.delete(parts.id)
        } catch {
            // Retention came before.
            guard error.code == .noExecution else { throw error }
        }
        model.noteEnded(number)
        model.count { $0.deletions += 1 }
        guard try store.execution(parts.id) == nil else { throw SoakFailure("\(number) is there, and was deleted") }
        // A later batch alone: the first would be taken once its deletion is dropped.
        guard let last = parts.batches.last, last.firstEvent > 0 else { return }
        do {
            try await store.append(last)
            throw SoakFailure("\(number) was deleted, and took a batch")
        } catch let error as StoreError {
            guard error.code == .deleted || error.code == .expectedEvent else { throw error }
        }
    }

    private func retain() async throws {
        let missed = model.takeMissed()
        let report = try await store.retain(RetentionPolicy(maxByteCount: Self.keptByteCount))
        model.count { $0.droppedSegments += report.segments }
        try await survey(missed)
    }

    private func scavenge(_ scope: ScavengeScope) async throws {
        let report = try await store.scavenge(scope)
        model.count { $0.rewrittenSegments += report.segments }
    }

    private func backUp(isVerified: Bool) async throws {
        let report = try await store.backup(to: backup)
        if let damage = report.damage.first { throw SoakFailure("a backup finds \(damage)") }
        model.count { $0.backups += 1 }
        guard isVerified else { return }
        let found = try await EventStore.verifyBackup(at: backup)
        if let finding = found.findings.first { throw SoakFailure("a backup is not whole: \(finding)") }
    }

    /// Checks the store itself.
    func verify(_ depth: VerifyDepth) async throws {
        let report = try await store.verify(depth)
        if let finding = report.findings.first { throw SoakFailure("verify finds: \(finding.message)") }
    }

    /// Holds all that is there against all that was promised: what is missing began in the segments of the front, and what
    /// anyone missed is gone. No retention runs meanwhile.
    func survey(_ missed: Set<UInt64>) async throws {
        let moment = model.enter()
        defer { model.leave(moment) }
        var listed: Set<UInt64> = []
        var token: PageToken?
        repeat {
            let page = try store.executions(limit: 1000, after: token)
            listed.formUnion(page.executions.map(DoorWork.number))
            token = page.nextPageToken
        } while token != nil
        let count = try await store.count()
        var lastGone = Position.zero
        var firstThere = Position(rawValue: .max)
        var thereCount = 0
        for (number, entry) in moment.promised {
            // It may have been deleted meanwhile.
            guard let position = entry.position, model.entry(number)?.isPromised ?? false else { continue }
            if listed.contains(number) {
                firstThere = min(firstThere, position)
                thereCount += 1
            } else {
                lastGone = max(lastGone, position)
                model.noteEnded(number)
            }
        }
        guard lastGone.segment < firstThere.segment else {
            throw SoakFailure("one that began at \(lastGone) is gone, and one that began at \(firstThere) is there")
        }
        guard count >= thereCount else { throw SoakFailure("\(count) are counted, and \(thereCount) are there") }
        for number in missed where model.entry(number)?.isPromised ?? false {
            throw SoakFailure("\(number) was missed, and is there")
        }
    }
}
