/// What a log may hold, told by nothing but what its writer has answered.
package struct LogModel: Sendable {
    /// Acknowledged as durable, in order.
    package private(set) var durable: [BatchKey] = []
    /// Written behind those, in order, and not synced.
    package private(set) var written: [BatchKey] = []
    /// What may stand there instead: batches of calls that failed.
    package private(set) var abandoned: [[BatchKey]] = []
    /// Whether a sync has lied, so that an acknowledgement is worth less.
    package var isTrusting = true

    package init() {}

    mutating func write(_ batches: [BatchKey]) { written += batches }

    /// A call failed that was to write these.
    mutating func abandon(_ batches: [BatchKey]) { abandoned.append(written + batches) }

    mutating func sync() {
        // Then the file is not synced, and what a failed call left is there or not.
        guard !written.isEmpty else { return }
        durable += written
        written = []
        abandoned = []
    }

    /// A sync failed: what was written is on the disk or not.
    mutating func failSync() {
        abandoned.append(written)
        written = []
    }

    /// A log that was opened goes on from what was found.
    mutating func adopt(_ found: [BatchKey]) {
        durable = found
        written = []
        abandoned = []
    }

    /// What is wrong with a log that holds these batches; `nil` where nothing is.
    ///
    /// After a kill everything that was written is there; after a loss of power everything durable is.
    package func objection(to found: [BatchKey], isKilled: Bool) -> String? {
        if !isTrusting { return isPrefix(found) ? nil : "it holds what was never stored, or has a hole" }
        guard found.starts(with: durable) else {
            let place = zip(found, durable).enumerated().first { $1.0 != $1.1 }?.offset ?? found.count
            return "of \(durable.count) durable batches, number \(place) is not there: \(durable[place])"
        }
        let rest = found.dropFirst(durable.count)
        if isKilled, !rest.starts(with: written) {
            return
                "of \(written.count) batches written behind \(durable.count) durable ones, only \(rest.count) are there"
        }
        guard ([written] + abandoned).contains(where: { $0.starts(with: rest) }) else {
            return "behind \(durable.count) durable batches stand \(rest.count) that were never stored so: \(rest)"
        }
        return nil
    }

    /// Whether the batches are the first of those that may be there.
    package func isPrefix(_ found: [BatchKey]) -> Bool {
        ([written] + abandoned).contains { (durable + $0).starts(with: found) }
    }
}
