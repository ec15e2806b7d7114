import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

/// A folder in memory where the system has one, so that thousands of syncs cost nothing; goes with the value.
final class QuickFolder: Sendable {
    let path: String

    init() throws {
        let memory = URL(filePath: "/dev/shm")
        let parent =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        let url = parent.appending(path: "flux-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit {
        // What cannot be removed is left to the system.
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The files of a store, from outside.
struct StoreFiles {
    let path: String

    /// The segment files in order.
    var segments: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "\(path)/seg").sorted().map { "\(path)/seg/\($0)" }
        }
    }

    /// The bytes of all segment files, by name.
    var log: [String: Data] {
        get throws {
            var log: [String: Data] = [:]
            for segment in try segments { log[segment] = try Data(contentsOf: URL(filePath: segment)) }
            return log
        }
    }

    func copy(to target: String) throws {
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: path, toPath: target)
    }

    /// Leaves nothing that speaks for the log but its segments.
    func deleteEvidence() throws {
        try deleteIndex()
        try FileManager.default.removeItem(atPath: "\(path)/HEAD")
    }

    func deleteIndex() throws { try FileManager.default.removeItem(atPath: "\(path)/index") }

    /// Adds one to a byte of a file.
    static func flip(_ file: String, at offset: Int) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: file))
        try handle.seek(toOffset: UInt64(offset))
        let byte = try #require(try handle.read(upToCount: 1)?.first)
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: [byte ^ 0x41])
        try handle.close()
    }

    static func cut(_ file: String, at byteCount: Int) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: file))
        try handle.truncate(atOffset: UInt64(byteCount))
        try handle.close()
    }

    static func byteCount(_ file: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
    }
}

extension StoreOptions {
    static let readOnly = StoreOptions(access: .readOnly)
}

/// Everything that the index answers, to compare before and after.
struct Answers: Equatable {
    var pages: [[ExecutionSummary]] = []
    var tokens: [PageToken?] = []
    var byPrefix: [ExecutionID] = []
    var counts: [UInt64] = []

    static let queries: [ExecutionQuery] = [
        ExecutionQuery(), ExecutionQuery(app: "shop-1"), ExecutionQuery(app: "nowhere"),
        ExecutionQuery(route: "/orders/2"), ExecutionQuery(status: .failed),
        ExecutionQuery(app: "shop-0", status: .ok, route: "/orders/3"),
        ExecutionQuery(startedAtFirst: Sample.startedAt(5), startedAtEnd: Sample.startedAt(17)),
    ]

    /// Asks everything, in pages of three.
    init(_ store: EventStore) async throws {
        for query in Self.queries {
            var token: PageToken?
            repeat {
                let page = try store.executions(matching: query, limit: 3, after: token)
                pages.append(page.executions)
                token = page.nextPageToken
                tokens.append(token)
            } while token != nil
        }
        for row in try store.executions(limit: 1000).executions {
            let prefix = try #require(ExecutionIDPrefix(String(row.id.description.prefix(30))))
            byPrefix.append(try store.execution(startingWith: prefix).id)
        }
        let statistics = try await store.statistics()
        counts = [
            statistics.executions, statistics.interactions, statistics.events, UInt64(statistics.segments),
            statistics.rawByteCount, statistics.storedByteCount,
        ]
    }
}

extension Sample {
    /// The start of the execution of a seed.
    static func startedAt(_ seed: UInt64) -> UInt64 { 1_700_000_000_000_000_000 + seed * 1_000_000 }

    /// An execution of several frames of 4 KiB that compress to little.
    static func compressible(seed: UInt64) -> Execution {
        var execution = execution(seed: seed, eventCount: 8)
        for index in execution.events.indices { execution.events[index].payload = Array(repeating: 7, count: 700) }
        return execution
    }
}

/// A store with the executions of some seeds, closed in order.
func makeStore(
    at path: String, seeds: Range<UInt64>, eventCount: Int = 12, options: StoreOptions = StoreOptions()
) async throws -> [Execution] {
    let executions = seeds.map { Sample.execution(seed: $0, eventCount: eventCount) }
    let store = try EventStore.open(at: path, options: options)
    for execution in executions { try await store.append(execution) }
    await store.close()
    return executions
}

/// The error of a call that must fail.
func storeError<Value: ~Copyable>(_ body: () async throws -> Value) async -> StoreError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? StoreError
    }
}
