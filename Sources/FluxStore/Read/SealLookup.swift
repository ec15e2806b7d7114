import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Synchronization

/// Finds executions in the seals of segments, while the index does not hold them.
final class SealLookup<Files: FileSystem>: Sendable {
    /// Segments of which the frames are kept in memory; of all, the filters are.
    private static var keptCountMax: Int { 16 }

    private let table: SegmentTable<Files>
    /// The log as it was opened.
    private let extent: LogExtent
    private let kept = Mutex(Kept())

    private struct Kept {
        /// What tells of most segments that they do not have an id.
        var filters: [UInt32: BloomFilter] = [:]
        var frames: [UInt32: [IndexedFrame]] = [:]
    }

    init(_ table: SegmentTable<Files>, extent: LogExtent) {
        self.table = table
        self.extent = extent
    }

    /// The frames of an execution in the segments from one on, in order. Reads each seal
    /// once; then O(segments) look-ups in filters, and the frames of those that may have the id.
    func frames(of id: ExecutionID, from first: UInt32) throws(LogError) -> [IndexedFrame] {
        var found: [IndexedFrame] = []
        for segment in extent.segments where segment >= first {
            if let filter = kept.withLock({ $0.filters[segment] }), !filter.mayContain(id) { continue }
            found += try frames(in: segment).filter { $0.header.executionID == id }
        }
        return found
    }

    /// Whether places lie in the generations that count.
    func areCurrent(_ places: [FrameLocation]) -> Bool {
        let generations = Dictionary(uniqueKeysWithValues: table.rewritten.map { ($0.segment, $0.generation) })
        return places.allSatisfy { generations[$0.position.segment] ?? 0 == $0.generation }
    }

    private func frames(in segment: UInt32) throws(LogError) -> [IndexedFrame] {
        if let frames = kept.withLock({ $0.frames[segment] }) { return frames }
        // The writer goes on in the last one, and what it reserves there is no frame.
        let end = segment == extent.end.segment ? extent.end.offset : .max
        let found = try SegmentFrames(of: table.sealed(segment), before: end)
        kept.withLock { kept in
            if kept.frames.count >= Self.keptCountMax { kept.frames.removeAll() }
            kept.frames[segment] = found.all
            kept.filters[segment] = found.filter
        }
        return found.all
    }
}
