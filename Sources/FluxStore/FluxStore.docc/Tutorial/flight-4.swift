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

struct TooWindy: Error {}

/// Reads the wind, and refuses to fly in more than 12 metres a second.
func takeOff(wind: Int, _ events: inout [Event]) throws {
    events.append(
        Event(
            kind: .host, encoding: .utf8, sequence: UInt32(events.count), name: "wind",
            payload: Array("\(wind) m/s".utf8)))
    guard wind <= 12 else { throw TooWindy() }
    events.append(
        Event(kind: .log, encoding: .utf8, sequence: UInt32(events.count), payload: Array("in the air".utf8)))
}

/// Prints the flights that failed, and what happened in each.
func report(_ store: EventStore) throws {
    let failed = try store.executions(matching: ExecutionQuery(app: "flights", status: .failed))
    for flight in failed.executions {
        print(flight.metadata.name, flight.metadata.errorFingerprint ?? "")
        var cursor = try store.cursor(over: flight.id)
        while let event = try cursor.next() {
            let text = event.payload.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            print(" ", event.index, event.kind, text)
        }
    }
}

let store = try EventStore.open(at: "flights")
for wind in [4, 9, 17] {
    try await fly("take-off", in: store) { events in try takeOff(wind: wind, &events) }
}
try report(store)
await store.close()
