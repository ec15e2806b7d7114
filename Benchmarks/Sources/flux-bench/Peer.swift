import CBenchFrames
import FluxFormat

/// Executions in another database: another way to keep them.
final class Peer {
    let name: String
    /// How many times as long as this the cursor may take; `nil` where nothing is claimed.
    let ratioMax: Double?
    private let path: String
    private let pointer: OpaquePointer

    /// Those that the program was built with, in a folder.
    static func all(in folder: String) throws -> [Peer] {
        let kinds: [(bench_peer_kind, String, Double?)] = [
            (bench_peer_rows, "SQLite, a row an event", 1), (bench_peer_blobs, "SQLite, an LZ4 block", nil),
            (bench_peer_rocksdb, "RocksDB, LZ4, a value an event", 1 / 1.6),
            (bench_peer_lmdb_blocks, "LMDB, an LZ4 block", 1 / 0.75), (bench_peer_lmdb_raw, "LMDB, as it is", nil),
        ]
        return try kinds.filter { bench_peer_is_built($0.0) }.map { kind, name, ratioMax in
            try Peer("\(folder)/peer-\(kind.rawValue)", kind, name, ratioMax)
        }
    }

    private init(_ path: String, _ kind: bench_peer_kind, _ name: String, _ ratioMax: Double?) throws {
        guard let pointer = bench_peer_make(path, kind) else { throw BenchmarkError("\(path): no database") }
        self.name = name
        self.path = path
        self.ratioMax = ratioMax
        self.pointer = pointer
    }

    /// Bytes of its files that are on the disk.
    var storedByteCount: Int { get throws { try StoreFiles.storedByteCount(path) } }

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
        guard isStored, bench_peer_end(pointer, id, isLast) else { throw BenchmarkError("\(name): does not store") }
    }

    /// The sum of the payloads' words.
    func open(_ id: ExecutionID) throws -> UInt64 {
        var sum: UInt64 = 0
        guard bench_peer_read(pointer, id.bytes, &sum) else { throw BenchmarkError("\(name): cannot read \(id)") }
        return sum
    }
}
