import FluxFormat

extension ExecutionSummary {
    /// The row of `ls --json`.
    var json: JSONValue {
        .members([
            "id": .text(id.description), "app": .text(metadata.app), "name": .text(metadata.name),
            "route": .text(metadata.route), "status": .text(metadata.status.name),
            "startedAt": .optional(metadata.startedAt) { .text(Texts.rfc3339($0)) },
            "durationNanoseconds": .optional(metadata.durationNanoseconds) { .number($0) },
            "events": .number(metadata.eventCount), "interactions": .number(metadata.interactionCount),
            "source": .text(metadata.source),
        ])
    }
}

extension ExecutionMetadata.Status {
    /// The status as it is printed and typed.
    var name: String {
        switch self {
        case .running: "running"
        case .ok: "ok"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}
