import CBenchFrames
import FluxFormat

/// Executions in a database of SQLite: another way to keep them.
final class Peer {
    private let pointer: OpaquePointer

    init(_ path: String, _ kind: bench_peer_kind) throws {
        guard let pointer = bench_peer_make(path, kind) else { throw BenchmarkError("\(path): no database") }
        self.pointer = pointer
    }

    deinit { bench_peer_free(pointer) }

    /// Stores an execution; behind the last one nothing more.
    func append(_ execution: Execution, isLast: Bool) throws {
        let id = execution.id.bytes
        var isStored = true
        for (number, event) in execution.events.enumerated() {
            isStored =
                isStored
                && bench_peer_add(
                    pointer, id, UInt32(number), event.kind.rawValue, event.offsetNanoseconds ?? 0, event.payload,
                    event.payload.count)
        }
        guard isStored, bench_peer_end(pointer, id, isLast) else { throw BenchmarkError("SQLite does not store") }
    }

    /// The sum of the payloads' words.
    func open(_ id: ExecutionID) throws -> UInt64 {
        var sum: UInt64 = 0
        guard bench_peer_read(pointer, id.bytes, &sum) else { throw BenchmarkError("SQLite cannot read \(id)") }
        return sum
    }
}
