import FluxFormat
import FluxStore
import TestSupport

/// Opens a store that was left without warning, and holds everything in it against what was promised.
struct Reopening {
    let path: String
    let segmentByteCountMax: Int
    /// Whether power was lost: then a tail may look complete, and the index may be damaged.
    let hasLostPower: Bool
    private(set) var found = Found()
    /// What was sent, by its number.
    private var sent: [UInt64: SampleParts] = [:]

    /// What was found, in numbers.
    struct Found {
        var executions = 0
        var segments = 0
        var tornTails = 0
        var suspectTails = 0
        var rebuiltIndexes = 0
        var longestOpening = Duration.zero
    }

    /// Of a store that is opened for writing, the time in which it must be.
    private static let openingMax = Duration.seconds(1)
    /// Executions that are sent again.
    private static let retryCount = 12

    init(path: String, segmentByteCountMax: Int, hasLostPower: Bool) {
        self.path = path
        self.segmentByteCountMax = segmentByteCountMax
        self.hasLostPower = hasLostPower
    }

    /// Checks all, sends some executions again, and closes the store in order. Throws what does not hold.
    mutating func run(_ promises: inout Promises, using generator: inout SeededGenerator) async throws {
        for number in promises.numbers.keys { sent[number] = Work(number: number).parts }
        if Bool.random(using: &generator) { try read(promises) }
        let start = ContinuousClock.now
        let store = try EventStore.open(
            at: path, options: StoreOptions(segmentByteCountMax: segmentByteCountMax))
        found.longestOpening = max(found.longestOpening, ContinuousClock.now - start)
        guard found.longestOpening < Self.openingMax else {
            throw SoakFailure("opening took \(found.longestOpening)")
        }
        let stored = try check(store, promises)
        try await checkLists(store, stored)
        try checkWarnings(store)
        try await verify(store)
        let numbers = promises.numbers.keys.sorted().suffix(3 * Self.retryCount).shuffled(using: &generator)
        for number in numbers.prefix(Self.retryCount) {
            try await sendAgain(number, to: store, storedCount: stored[number] ?? 0, noting: &promises)
        }
        found.segments = try await store.statistics().segments
        await store.close()
    }

    /// Checks what a reader sees before anything is put right.
    private mutating func read(_ promises: Promises) throws {
        let store: EventStore
        do throws(StoreError) {
            store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        } catch {
            // One that was never finished is no store yet.
            guard error.code == .notFound, promises.numbers.values.allSatisfy({ $0.written == 0 }) else { throw error }
            return
        }
        try checkWarnings(store)
        _ = try check(store, promises)
    }

    /// Nothing is lost and nothing is invented: the batches of each number that are there.
    private func check(_ store: EventStore, _ promises: Promises) throws -> [UInt64: Int] {
        var stored: [UInt64: Int] = [:]
        for (number, counts) in promises.numbers {
            guard let parts = sent[number] else { preconditionFailure("every number was made") }
            guard let summary = try store.execution(parts.id) else {
                guard counts.written == 0 else {
                    throw SoakFailure("\(number) is lost, of which \(counts.written) batches were promised")
                }
                continue
            }
            let events = try store.events(of: parts.id)
            let isFinished = summary.metadata.status != .running
            guard let count = parts.batchCount(ofEvents: UInt64(events.count), isFinished: isFinished) else {
                throw SoakFailure("\(number) has \(events.count) events: a batch is cut")
            }
            guard (counts.written...max(counts.written, counts.sent)).contains(count) else {
                throw SoakFailure(
                    "\(number) has \(count) batches; \(counts.written) were promised, \(counts.sent) sent")
            }
            guard events == parts.events(ofBatches: count) else {
                throw SoakFailure("\(number) has other events than were sent")
            }
            stored[number] = count
        }
        return stored
    }

    /// Lists show what look-ups find, and nothing else.
    private mutating func checkLists(_ store: EventStore, _ stored: [UInt64: Int]) async throws {
        var expected = Set(stored.keys.compactMap { sent[$0]?.id })
        var token: PageToken?
        repeat {
            let page = try store.executions(limit: 1000, after: token)
            for row in page.executions where expected.remove(row.id) == nil {
                throw SoakFailure("the list has \(row.id), which was never sent or stands twice")
            }
            token = page.nextPageToken
        } while token != nil
        guard expected.isEmpty else { throw SoakFailure("the list lacks \(expected.count) executions") }
        found.executions = stored.count
    }

    /// No damage is reported where there is none.
    private mutating func checkWarnings(_ store: EventStore) throws {
        for warning in store.warnings {
            if warning.contains("unfinished write") {
                found.tornTails += 1
            } else if hasLostPower, warning.contains("it is built again from the log") {
                found.rebuiltIndexes += 1
            } else {
                throw SoakFailure("a false alarm: \(warning)")
            }
        }
    }

    private mutating func verify(_ store: EventStore) async throws {
        let report = try await store.verify(.deep)
        for finding in report.findings {
            guard hasLostPower, finding.place == .quarantine else {
                throw SoakFailure("verify finds: \(finding.message)")
            }
            found.suspectTails += 1
        }
    }

    /// What is there is known as a retry; what is missing is stored behind it.
    private func sendAgain(
        _ number: UInt64, to store: EventStore, storedCount: Int, noting promises: inout Promises
    ) async throws {
        let parts = Work(number: number).parts
        for (index, batch) in parts.batches.enumerated() {
            let receipt = try await store.append(batch)
            guard receipt.isDuplicate == (index < storedCount) else {
                throw SoakFailure(
                    "batch \(index) of \(number) is \(receipt.isDuplicate ? "" : "not ")taken for a retry, "
                        + "and \(storedCount) batches are stored")
            }
            promises.note(number, index + 1, .durable)
        }
        guard try store.events(of: parts.id) == parts.events(ofBatches: parts.batches.count) else {
            throw SoakFailure("\(number) has other events than were sent again")
        }
    }
}
