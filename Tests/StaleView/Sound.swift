import FluxFormat
import FluxStore

func payloadByteCount(of id: ExecutionID, in store: EventStore) throws -> Int {
    var cursor = try store.cursor(over: id)
    var byteCount = 0
    while let event = try cursor.next() { byteCount += event.payload.byteCount }
    return byteCount
}
