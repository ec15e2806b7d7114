import FluxFormat
import FluxStore
import TestSupport

extension EventStore {
    /// The next items behind a checkpoint, as many as asked for, or all up to the end.
    func items(from checkpoint: FollowCheckpoint? = nil, count: Int = .max) async throws -> [FollowItem] {
        var items: [FollowItem] = []
        for try await item in follow(from: checkpoint) {
            items.append(item)
            if items.count == count { break }
        }
        return items
    }

    /// The next batches behind a checkpoint; what befell the log is left out.
    func batches(from checkpoint: FollowCheckpoint? = nil, count: Int = .max) async throws -> [FollowedBatch] {
        try await items(from: checkpoint, count: count).compactMap(\.batch)
    }
}

extension FollowItem {
    var batch: FollowedBatch? { if case .batch(let batch) = self { batch } else { nil } }
    /// The item in words, without the batch's figures.
    var words: String {
        switch self {
        case .batch(let batch): "\(batch.executionID)"
        case .rewound: "rewound"
        case .expired(let frames): "expired \(frames)"
        }
    }
}

extension StoreOptions {
    /// Segments that hold few executions.
    static let small = StoreOptions(segmentByteCountMax: 64 << 10)
}
