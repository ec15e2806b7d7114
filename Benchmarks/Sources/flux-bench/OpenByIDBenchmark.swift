import CBenchFrames
import FluxFormat
import FluxStore

/// Claim: opening one of 100,000 executions of 24 events by its id, and walking it, takes at most 1.6 times what the same
/// look-up, read, hashes and decompression take in C.
struct OpenByIDBenchmark {
    private static let executionCount = 100_000
    private static let eventCount = 24
    private static let openCount = 20_000
    private static let ratioMax = 1.6

    /// Whether other databases with the same executions are read as well. Filling them takes minutes.
    let hasPeers: Bool

    /// Nanoseconds of each opening.
    private struct Times {
        var thread: [Double] = []
        var wall: [Double] = []

        mutating func measure(_ body: () throws -> Void) rethrows {
            let start = (Meter.threadTime.reading, Meter.wallTime.reading)
            try body()
            let end = (Meter.wallTime.reading, Meter.threadTime.reading)
            thread.append(end.1 - start.0)
            wall.append(end.0 - start.1)
        }
    }

    func run() async throws -> Bool {
        let folder = try ScratchFolder()
        let path = folder.path + "/store"
        let peers = hasPeers ? try Peer.all(in: folder.path) : []
        let ids = try await Self.fill(path, and: peers)
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        let segmentCount = try StoreFiles(of: path).paths.count
        guard let finder = bench_finder_make(path, UInt32(segmentCount)) else {
            throw BenchmarkError("\(path): C cannot open the store")
        }
        defer { bench_finder_free(finder) }
        // Files, index pages and buffers are those of a store that is in use.
        for id in ids.prefix(2000) {
            guard try Self.open(id, in: store) == Self.open(id, in: finder) else { throw differ }
        }
        var generator = SplitMix64(seed: 7)
        var (cursor, first, heads, plain) = (Times(), Times(), Times(), Times())
        var peerTimes = peers.map { _ in Times() }
        for number in 0..<Self.openCount {
            let id = ids[Int.random(in: ids.indices, using: &generator)]
            var sums: (UInt64, UInt64) = (0, 0)
            if number.isMultiple(of: 2) { try plain.measure { sums.0 = try Self.open(id, in: finder) } }
            try cursor.measure { sums.1 = try Self.open(id, in: store) }
            if !number.isMultiple(of: 2) { try plain.measure { sums.0 = try Self.open(id, in: finder) } }
            guard sums.0 == sums.1 else { throw differ }
            for (index, peer) in peers.enumerated() {
                var sum: UInt64 = 0
                try peerTimes[index].measure { sum = try peer.open(id) }
                guard sum == sums.0 else { throw differ }
            }
            try first.measure { try Self.openFirst(id, in: store) }
            try heads.measure { try Self.openHeads(id, in: store) }
        }
        print(
            "one of \(Self.executionCount) executions of \(Self.eventCount) events by its id, \(Self.openCount) times")
        report("cursor, every payload byte", cursor)
        report("cursor, the first event", first)
        report("cursor, heads alone", heads)
        report("C, every payload byte", plain, beside: cursor)
        var isHeld = true
        for (peer, times) in zip(peers, peerTimes) {
            report(peer.name, times, beside: cursor)
            let ratio = cursor.thread.median / times.thread.median
            if let most = peer.ratioMax {
                print("    at most \(most.text(2)): \(ratio <= most ? "held" : "MISSED")")
                isHeld = isHeld && ratio <= most
            }
            print("    MiB on the disk: \(try peer.storedByteCount >> 20)")
        }
        if hasPeers { print("the store, MiB on the disk: \(try StoreFiles.storedByteCount(path) >> 20)") }
        let ratio = cursor.thread.median / plain.thread.median
        print("cursor / C = \(ratio.text(2)), at most \(Self.ratioMax): \(ratio <= Self.ratioMax ? "held" : "MISSED")")
        return isHeld && ratio <= Self.ratioMax
    }

    private var differ: BenchmarkError { BenchmarkError("the cursor and C have read different bytes") }

    private func report(_ name: String, _ times: Times, beside cursor: Times? = nil) {
        func text(_ part: Double, _ times: [Double]) -> String {
            (times.sorted()[Int(Double(times.count - 1) * part)] / 1000).text(1)
        }
        let ratio = cursor.map { ", cursor / it = " + ($0.thread.median / times.thread.median).text(2) } ?? ""
        print(
            "\(name): thread p50 \(text(0.5, times.thread)) p99 \(text(0.99, times.thread)), "
                + "wall p50 \(text(0.5, times.wall)) p99 \(text(0.99, times.wall)) us\(ratio)")
    }

    private static func fill(_ path: String, and peers: [Peer]) async throws -> [ExecutionID] {
        let store = try EventStore.open(at: path)
        var ids: [ExecutionID] = []
        for seed in 0..<UInt64(executionCount) {
            let execution = GeneratedExecutions.mixed(eventCount: eventCount, seed: seed)
            ids.append(execution.id)
            // Durable when it is closed.
            try await store.append(execution, durability: .queued)
            for peer in peers { try peer.append(execution, isLast: seed == UInt64(executionCount) - 1) }
        }
        await store.close()
        return ids
    }

    private static func open(_ id: ExecutionID, in finder: OpaquePointer) throws -> UInt64 {
        var sum: UInt64 = 0
        guard bench_finder_read(finder, id.bytes, &sum) else { throw BenchmarkError("C cannot read \(id)") }
        return sum
    }

    private static func open(_ id: ExecutionID, in store: EventStore) throws -> UInt64 {
        var cursor = try store.cursor(over: id)
        var sum: UInt64 = 0
        while let event = try cursor.next() { sum &+= event.payload.wordSum }
        return sum
    }

    private static func openFirst(_ id: ExecutionID, in store: EventStore) throws {
        var cursor = try store.cursor(over: id)
        guard try cursor.next() != nil else { throw BenchmarkError("\(id) has no event") }
    }

    private static func openHeads(_ id: ExecutionID, in store: EventStore) throws {
        var cursor = try store.headCursor(over: id)
        var count = 0
        while let head = try cursor.next() { count += head.payloadByteCount >= 0 ? 1 : 0 }
        guard count == eventCount else { throw BenchmarkError("\(id) has \(count) events") }
    }
}
