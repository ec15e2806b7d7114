import FluxFormat
import FluxStore

/// What is known of an execution and the order of its events, read without opening a payload.
struct Timeline {
    private let execution: ExecutionSummary

    init(_ execution: ExecutionSummary) {
        self.execution = execution
    }

    /// The execution's metadata, a field on a line; a longer value goes on below itself.
    func summaryLines(columnCount: Int) -> [String] {
        let metadata = execution.metadata
        let stored =
            "\(Texts.byteCount(execution.rawByteCount)) in \(Texts.byteCount(execution.storedByteCount)) of the log"
        var fields: [(String, String?)] = [
            ("execution", execution.id.description), ("app", metadata.app), ("name", metadata.name),
            ("route", metadata.route), ("status", metadata.status.name), ("source", metadata.source),
            ("started", metadata.startedAt.map { "\(Texts.rfc3339($0))" }),
            ("duration", metadata.durationNanoseconds.map { Texts.duration($0) }),
            ("recorded by", metadata.sdkVersion), ("request id", metadata.requestID), ("trace id", metadata.traceID),
            ("error", metadata.errorFingerprint),
            ("events", "\(metadata.eventCount), \(metadata.interactionCount) of them calls"), ("size", stored),
        ]
        fields += metadata.tags.sorted { $0.key < $1.key }.map { ("tag \($0.key)", $0.value) }
        return fields.flatMap { name, value -> [String] in
            guard let value, !value.isEmpty else { return [] }
            let title = name.printable.fitted(to: 30).padded(to: 11) + " "
            let pieces = value.printable.pieces(of: max(16, columnCount - title.count))
            return pieces.enumerated().map { ($0 == 0 ? title : "".padded(to: title.count)) + $1 }
        }
    }

    /// The title above the lines of the entries.
    static func title(columnCount: Int) -> String {
        Entry.row(["#", "OFFSET", "KIND", "WHAT", "", "DURATION", "SENT", "GOT"], columnCount: columnCount)
    }

    /// Calls `body` with every event, an event in pieces once.
    func forEachEntry(in store: EventStore, _ body: (Entry) throws -> Void) throws {
        var cursor = try store.cursor(over: execution.id)
        var pieced: (entry: Entry, byteCount: Int)?
        while let event = try cursor.next() {
            let byteCount = event.payloadOffset + event.payload.byteCount
            let entry = if let pieced { pieced.entry } else { Entry(event) }
            if event.flags.contains(.hasMorePieces) {
                pieced = (entry, byteCount)
            } else {
                pieced = nil
                try body(entry.with(payloadByteCount: byteCount))
            }
        }
    }

    /// One event.
    struct Entry {
        let index: UInt64
        let kind: EventKind
        let name: String?
        let offsetNanoseconds: UInt64?
        /// `nil` for kinds that have none.
        let descriptor: EventDescriptor?
        private(set) var payloadByteCount: Int

        fileprivate init(_ event: borrowing EventView) {
            index = event.index
            kind = event.kind
            name = event.name
            offsetNanoseconds = event.offsetNanoseconds
            // A kind of its own may have any descriptor; then there is nothing to show of it.
            descriptor = try? EventDescriptor(parsing: event.descriptor)
            payloadByteCount = event.payload.byteCount
        }

        fileprivate func with(payloadByteCount: Int) -> Entry {
            var entry = self
            entry.payloadByteCount = payloadByteCount
            return entry
        }
    }
}

extension Timeline.Entry {
    /// The event on one line of the timeline.
    func line(columnCount: Int) -> String {
        let offset = offsetNanoseconds.map { "+" + Texts.duration($0) } ?? "-"
        return Self.row(
            ["\(index)", offset, kind.description, what.printable, outcome, duration, sent, received],
            columnCount: columnCount)
    }

    /// Columns of a width that keeps a line within 80 characters, but for the fourth, which takes what is left.
    fileprivate static func row(_ cells: [String], columnCount: Int) -> String {
        let room = max(16, columnCount - 49)
        let left = "\(cells[0].aligned(to: 4)) \(cells[1].aligned(to: 9))  \(cells[2].padded(to: 5)) "
        let right =
            "\(cells[4].aligned(to: 4))\(cells[5].aligned(to: 9))\(cells[6].aligned(to: 7))\(cells[7].aligned(to: 7))"
        return left + cells[3].fitted(to: room).padded(to: room) + right
    }

    /// Method, host and path: what a URL begins with, all have.
    private var what: String {
        guard let descriptor, let method = descriptor.method else { return name ?? "" }
        let target = descriptor.target ?? name ?? ""
        let end = target.firstRange(of: "://")?.upperBound
        return "\(method) \(end.map { String(target[$0...]) } ?? target)"
    }

    private var outcome: String {
        guard let descriptor else { return "" }
        if descriptor.status > 0 { return "\(descriptor.status)" }
        return descriptor.outcome == .value ? "0" : "\(descriptor.outcome)"
    }

    private var duration: String { descriptor?.durationNanoseconds.map { Texts.duration($0) } ?? "" }

    private var sent: String { descriptor.map { Texts.shortByteCount(UInt64($0.requestByteCount)) } ?? "" }

    private var received: String {
        Texts.shortByteCount(descriptor.map { UInt64($0.responseByteCount) } ?? UInt64(payloadByteCount))
    }

    /// The event as a line of `show --json`.
    var json: JSONValue {
        .members([
            "index": .number(index), "kind": .text(kind.description), "name": .optional(name) { .text($0) },
            "offsetNanoseconds": .optional(offsetNanoseconds) { .number($0) },
            "durationNanoseconds": .optional(descriptor?.durationNanoseconds) { .number($0) },
            "method": .optional(descriptor?.method) { .text($0) },
            "target": .optional(descriptor?.target) { .text($0) },
            "status": .optional(descriptor?.status) { .number($0) },
            "requestBytes": .optional(descriptor?.requestByteCount) { .number($0) },
            "responseBytes": .optional(descriptor?.responseByteCount) { .number($0) },
            "payloadBytes": .number(payloadByteCount),
        ])
    }
}
