import FluxFormat
import Foundation
import Synchronization
import TestSupport

/// What a store was told, and what it must hold therefore. Executions are known by the numbers that they are made from.
final class DoorModel: Sendable {
    /// One execution, as far as anyone was told.
    struct Entry {
        /// Batches that were sent, and that were acknowledged as durable.
        var sent = 0
        var acknowledged = 0
        /// Where the first frame lay when it was stored.
        var position: Position?
        var isDeletionAsked = false
        /// The round in which it was known to be gone.
        var endedRound: Int?
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var next: UInt64 = 1
        var round = 0
        /// How many look at the model since a round.
        var readers: [Int: Int] = [:]
        /// Executions that were missed where none had deleted them: retention must have dropped them.
        var missed: Set<UInt64> = []
        var isOver = false
        var counts = DoorCounts()
    }

    private let state = Mutex(State())

    /// Whether everyone is to come to an end.
    var isOver: Bool { state.withLock { $0.isOver } }
    var counts: DoorCounts { state.withLock { $0.counts } }

    func end() { state.withLock { $0.isOver = true } }
    func count(_ body: (inout DoorCounts) -> Void) { state.withLock { body(&$0.counts) } }
    func entry(_ number: UInt64) -> Entry? { state.withLock { $0.entries[number] } }

    // MARK: Who appends

    /// A number that no one had before.
    func take() -> UInt64 {
        state.withLock { state in
            state.next += 1
            state.entries[state.next - 1] = Entry()
            return state.next - 1
        }
    }

    func send(_ number: UInt64, _ count: Int) {
        state.withLock { $0.entries[number]?.sent = count }
    }

    func acknowledge(_ number: UInt64, _ count: Int, at position: Position?) {
        state.withLock { state in
            state.entries[number]?.acknowledged = count
            if count == 1 { state.entries[number]?.position = position }
            state.counts.batches += 1
        }
    }

    // MARK: Who takes out

    func askDeletion(_ number: UInt64) { state.withLock { $0.entries[number]?.isDeletionAsked = true } }

    func noteEnded(_ number: UInt64) {
        state.withLock { $0.entries[number]?.endedRound = $0.round }
    }

    /// Ends a round, and forgets what was gone before anyone who looks began to.
    func endRound() {
        state.withLock { state in
            state.round += 1
            let oldest = min(state.round, state.readers.keys.min() ?? .max)
            state.entries = state.entries.filter { $0.value.endedRound.map { $0 >= oldest } ?? true }
        }
    }

    func miss(_ number: UInt64) { state.withLock { _ = $0.missed.insert(number) } }

    func takeMissed() -> Set<UInt64> {
        state.withLock { state in
            defer { state.missed = [] }
            return state.missed
        }
    }

    // MARK: Who reads

    /// What is known at this moment; ``leave(_:)`` must follow, until when nothing of it is forgotten.
    func enter() -> DoorMoment {
        state.withLock { state in
            state.readers[state.round, default: 0] += 1
            return DoorMoment(round: state.round, entries: state.entries)
        }
    }

    func leave(_ moment: DoorMoment) {
        state.withLock { state in
            let count = state.readers[moment.round, default: 1] - 1
            state.readers[moment.round] = count == 0 ? nil : count
        }
    }

    /// An execution of which something is acknowledged, and that no one has deleted; `nil` where a few guesses find none.
    func pick(using generator: inout SeededGenerator) -> UInt64? {
        let (first, next) = state.withLock { ($0.entries.keys.min() ?? 1, $0.next) }
        for _ in 0..<20 {
            let number = UInt64.random(in: first...max(first, next), using: &generator)
            if let entry = entry(number), entry.isPromised { return number }
        }
        return nil
    }
}

/// The model at a moment.
struct DoorMoment {
    let round: Int
    let entries: [UInt64: DoorModel.Entry]

    /// The executions that must be there, unless retention drops them.
    var promised: [UInt64: DoorModel.Entry] { entries.filter(\.value.isPromised) }
}

extension DoorModel.Entry {
    /// Whether it must be there, unless retention drops it.
    var isPromised: Bool { acknowledged > 0 && !isDeletionAsked && endedRound == nil }
}

/// What was done, in numbers.
struct DoorCounts {
    var batches = 0
    var byteCount = 0
    var walks = 0
    var heldWalks = 0
    var heldScans = 0
    var queries = 0
    var deletions = 0
    var droppedSegments = 0
    var rewrittenSegments = 0
    var backups = 0
    var readerWalks = 0
    var readerExpired = 0
    var rounds = 0
    var longestAppend = Duration.zero

    /// Whether everything has happened.
    var areVaried: Bool {
        [deletions, droppedSegments, rewrittenSegments, heldWalks, heldScans, queries, backups].allSatisfy { $0 > 0 }
    }
}
