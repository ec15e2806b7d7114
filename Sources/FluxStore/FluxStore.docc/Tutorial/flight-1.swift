import FluxFormat
import FluxStore

let store = try EventStore.open(at: "flights")
await store.close()
