import FluxFormat
import FluxStore

func payloadByteCount(of id: ExecutionID, in store: EventStore) throws -> Int {
    var cursor = try store.cursor(over: id)
    guard let first = try cursor.next() else { return 0 }
    guard let second = try cursor.next() else { return 0 }
    return first.payload.byteCount + second.payload.byteCount
}
