import FluxFormat
import FluxStore

/// Runs a job and keeps what happened in it.
func fly(_ name: String, in store: EventStore, job: (inout [Event]) throws -> Void) async throws {
    var events: [Event] = []
    var metadata = ExecutionMetadata(app: "flights", name: name, source: "tutorial", status: .ok)
    do {
        try job(&events)
    } catch {
        metadata.status = .failed
        metadata.errorFingerprint = String(describing: type(of: error))
    }
    var generator = SystemRandomNumberGenerator()
    let id = ExecutionID(bits: (high: generator.next(), low: generator.next()))
    try await store.append(Execution(id: id, metadata: metadata, events: events))
}

let store = try EventStore.open(at: "flights")
await store.close()
