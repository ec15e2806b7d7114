import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

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

/// What a store holds of one app.
public struct AppStatistics: Sendable, Equatable {
    /// The app.
    public var app: String
    /// The number of its executions.
    public var executions: UInt64
    /// The number of calls across a boundary.
    public var interactions: UInt64
    /// The number of events.
    public var events: UInt64
    /// Bytes of its frames before compression.
    public var rawByteCount: UInt64
    /// Bytes of its frames in the log.
    public var storedByteCount: UInt64
}

/// What one segment file holds, as its header and its trailer tell.
public struct SegmentStatistics: Sendable, Equatable {
    /// The segment's number.
    public var segment: UInt32
    /// The file, in the store's directory.
    public var path: String
    /// Whether it is sealed: nothing is added any more.
    public var isSealed: Bool
    /// Bytes of the file, with room that is reserved.
    public var byteCount: UInt64
    /// When it was begun, nanoseconds since 1970.
    public var createdAt: UInt64
    /// Frames, those of the seal among them; `nil` while it is not sealed.
    public var frames: UInt32?
    /// Executions of which it has frames; `nil` while it is not sealed.
    public var executions: UInt32?
    /// The earliest start of its executions, nanoseconds since 1970; `nil` where none is known.
    public var firstStartedAt: UInt64?
    /// The latest start of its executions, nanoseconds since 1970; `nil` where none is known.
    public var lastStartedAt: UInt64?
}

extension EventStore {
    /// What the store holds of each app, the one with the most stored bytes first. O(executions).
    public func appStatistics() async throws(StoreError) -> [AppStatistics] {
        let totals = try settledIndex.read { (index) throws(IndexError) in try index.totalsByApp() }
        let apps = totals.map { app, totals in
            AppStatistics(
                app: app, executions: totals.executions, interactions: totals.interactions, events: totals.events,
                rawByteCount: totals.rawBytes, storedByteCount: totals.storedBytes)
        }
        return apps.sorted { ($0.storedByteCount, $1.app) > ($1.storedByteCount, $0.app) }
    }

    /// The segment files in order. Reads the header and the trailer of each: O(segments).
    public func segmentStatistics() throws(StoreError) -> [SegmentStatistics] {
        var all: [SegmentStatistics] = []
        for segment in extent.segments {
            do throws(LogError) {
                all.append(SegmentStatistics(try table.sealed(segment)))
            } catch {
                throw StoreError(error)
            }
        }
        return all
    }
}

extension SegmentStatistics {
    fileprivate init(_ file: SegmentFile<some StoredFile>) {
        func time(_ nanoseconds: UInt64?) -> UInt64? { nanoseconds == 0 ? nil : nanoseconds }
        let trailer = file.trailer
        self.init(
            segment: file.header.segment, path: file.file.path, isSealed: trailer != nil,
            byteCount: UInt64(file.byteCount), createdAt: file.header.createdAt, frames: trailer?.frameCount,
            executions: trailer?.executionCount, firstStartedAt: time(trailer?.wallFirst),
            lastStartedAt: time(trailer?.wallLast))
    }
}
