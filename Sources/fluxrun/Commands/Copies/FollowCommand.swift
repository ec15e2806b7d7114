import ArgumentParser
import FluxFormat
import FluxStore
import UnixSignals

/// `fluxrun follow`
struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Prints a line for each batch once it is stored durably.",
        discussion: """
            Works beside a running import of another process, and waits for more until Ctrl-C. Then it prints a checkpoint, \
            from which the next follow goes on without a gap. A log that was cut, or has dropped what comes next, is told of.
            """)

    /// What `--from` takes.
    enum Start: ExpressibleByArgument {
        case start, end
        case checkpoint(FollowCheckpoint)

        init?(argument: String) {
            switch argument {
            case "start": self = .start
            case "end": self = .end
            default:
                guard let checkpoint = FollowCheckpoint(argument) else { return nil }
                self = .checkpoint(checkpoint)
            }
        }

        var defaultValueDescription: String { "end" }
    }

    @OptionGroup var store: StoreArgument

    @Option(
        help: ArgumentHelp(
            "start: the oldest batch that is there; end: what is stored from here on; or a checkpoint.",
            valueName: "start|end|checkpoint"))
    var from: Start = .end

    @Flag(help: "Prints JSON, one line for each item; the last has the checkpoint.")
    var json = false

    @Flag(help: "Prints the events of each batch behind it, as cat does.")
    var events = false

    func run() async throws {
        let opened = try store.openForReading()
        let start: FollowCheckpoint? =
            switch from {
            case .start: nil
            case .end: try opened.checkpoint()
            case .checkpoint(let checkpoint): checkpoint
            }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let printer = FollowPrinter(store: opened, isJSON: json, hasEvents: events)
        let following = Task { try await printer.run(from: start) }
        let ending = Task {
            for await _ in signals { following.cancel() }
        }
        let checkpoint = try await following.value
        ending.cancel()
        if json {
            Console.line(JSONValue.members(["checkpoint": .optional(checkpoint) { .text($0.description) }]))
        } else {
            Console.line("checkpoint \(checkpoint?.description ?? "start")")
        }
    }
}

/// Prints what is followed.
private struct FollowPrinter: Sendable {
    let store: EventStore
    let isJSON: Bool
    let hasEvents: Bool

    /// Follows until the task is cancelled; returns the checkpoint behind what was printed.
    func run(from start: FollowCheckpoint?) async throws -> FollowCheckpoint? {
        var checkpoint = start
        for try await item in store.follow(from: start) {
            if isJSON { Console.line(item.json) } else { Console.line(item.line.printable) }
            if case .batch(let batch) = item {
                if hasEvents { try print(batch) }
                checkpoint = batch.checkpoint
            }
            // Whoever reads wants it when it is there.
            Console.flush()
        }
        return checkpoint
    }

    private func print(_ batch: FollowedBatch) throws {
        try StoredEvent.forEach(in: store.cursor(over: batch)) { event in
            if isJSON { Console.line(event.json) } else { event.lines.forEach { Console.line($0) } }
        }
    }
}

extension FollowItem {
    /// The item for a person.
    fileprivate var line: String {
        switch self {
        case .batch(let batch):
            let end = batch.isLast ? ", the last" : ""
            let name = batch.metadata.map { " \($0.status.name) \($0.app) \($0.name)" } ?? ""
            return "\(batch.executionID) events \(batch.firstEvent)+\(batch.eventCount)\(end)\(name)"
        case .rewound(let checkpoint): return "rewound: the log is another than that of \(checkpoint)"
        case .expired(let frames): return "expired: frames \(frames.lowerBound) to \(frames.upperBound - 1) are gone"
        }
    }

    /// The line of `follow --json`.
    fileprivate var json: JSONValue {
        switch self {
        case .batch(let batch):
            .members([
                "item": .text("batch"), "execution": .text("\(batch.executionID)"),
                "firstEvent": .number(batch.firstEvent),
                "events": .number(batch.eventCount), "isFirst": .bool(batch.isFirst), "isLast": .bool(batch.isLast),
                "app": .optional(batch.metadata) { .text($0.app) },
                "name": .optional(batch.metadata) { .text($0.name) },
                "route": .optional(batch.metadata) { .text($0.route) },
                "status": .optional(batch.metadata) { .text($0.status.name) },
                "storedBytes": .number(batch.storedByteCount), "checkpoint": .text("\(batch.checkpoint)"),
            ])
        case .rewound(let checkpoint):
            .members(["item": .text("rewound"), "from": .text("\(checkpoint)")])
        case .expired(let frames):
            .members([
                "item": .text("expired"), "from": .number(frames.lowerBound), "to": .number(frames.upperBound),
            ])
        }
    }
}
