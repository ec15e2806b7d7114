import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

/// A store of some segments, of which the last is not sealed. It goes with the value.
struct SmallStore {
    static let executionCount = 5
    private let folder: TemporaryFolder
    var path: String { folder.path }

    init() async throws {
        folder = try TemporaryFolder()
        let store = try EventStore.open(at: folder.path, options: StoreOptions(segmentByteCountMax: 16 << 10))
        for seed in 1...Self.executionCount {
            try await store.append(Sample.execution(seed: UInt64(seed), eventCount: 8))
        }
        await store.close()
    }

    /// The names of the segment files, in order.
    var segments: [String] {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/seg").sorted()
                .filter { $0.hasSuffix(".rpl") }
            try #require(names.count > 1)
            return names
        }
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(path)/seg/\(name)")))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/seg/\(name)") }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(Array(bytes)).write(to: URL(filePath: "\(path)/seg/\(name)"))
    }

    /// Leaves nothing that speaks for the log but its segments.
    func deleteEvidence() throws {
        for name in ["index", "HEAD"] { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
    }
}
