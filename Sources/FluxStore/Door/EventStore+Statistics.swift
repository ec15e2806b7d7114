import FluxFiles
import FluxIndex

/// What a store holds, in numbers.
public struct StoreStatistics: Sendable, Equatable {
    /// The number of executions.
    public var executions: UInt64
    /// The number of calls across a boundary.
    public var interactions: UInt64
    /// The number of events.
    public var events: UInt64
    /// The number of segment files.
    public var segments: Int
    /// Bytes of all frames before compression.
    public var rawByteCount: UInt64
    /// Bytes of all frames in the log.
    public var storedByteCount: UInt64
    /// Bytes of the index's files.
    public var indexByteCount: UInt64
}

extension EventStore {
    /// What the store holds. O(executions).
    public func statistics() async throws(StoreError) -> StoreStatistics {
        let extent = extent
        let totals = try settledIndex.read { (index) throws(IndexError) in try index.totals() }
        var indexByteCount: UInt64 = 0
        for suffix in ["", "-wal"] {
            // A file that is not there has no bytes.
            let file = try? files.open(IndexKeeper.path(in: path) + suffix, .read)
            indexByteCount += UInt64((try? file?.byteCount()) ?? 0)
        }
        return StoreStatistics(
            executions: totals.executions, interactions: totals.interactions, events: totals.events,
            segments: extent.segments.count, rawByteCount: totals.rawBytes, storedByteCount: totals.storedBytes,
            indexByteCount: indexByteCount)
    }
}
