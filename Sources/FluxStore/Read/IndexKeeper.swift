import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Brings an index to the end of the log, from wherever it is.
enum IndexKeeper {
    static let directory = "index"
    static let fileName = "index.db"
    /// Frames of one transaction.
    private static let batchFrameCount = 2048

    static func path(in store: String) -> String { "\(store)/\(directory)/\(fileName)" }

    /// Opens the index for writing. One that is damaged, of another store or of another schema is put away first.
    static func openForWriting(
        store path: String, storeID: StoreID, files: PosixFileSystem, warnings: inout [String]
    ) throws(StoreError) -> MetadataIndex {
        let indexPath = Self.path(in: path)
        let id = (high: storeID.high, low: storeID.low)
        do throws(IOError) {
            try files.makeDirectory("\(path)/\(directory)")
        } catch {
            throw StoreError(error)
        }
        do throws(IndexError) {
            return try MetadataIndex.open(path: indexPath, storeID: id, access: .readWrite)
        } catch {
            switch error {
            case .corrupt, .foreign: warnings.append("\(error); it is built again from the log")
            default: throw StoreError(error)
            }
        }
        try putAway(store: path, files: files)
        do throws(IndexError) {
            return try MetadataIndex.open(path: indexPath, storeID: id, access: .readWrite)
        } catch {
            throw StoreError(error)
        }
    }

    /// Renames the index's files, so that another can be built; the last one put away is kept.
    static func putAway(store path: String, files: PosixFileSystem) throws(StoreError) {
        let indexPath = Self.path(in: path)
        do throws(IOError) {
            // The write-ahead log first: left behind, it would be applied to the next index.
            for suffix in ["-wal", "-shm", ""] where try files.kind(of: indexPath + suffix) != nil {
                try files.rename(indexPath + suffix, to: "\(indexPath).old\(suffix)")
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// Applies every frame of the extent that the index lacks.
    ///
    /// Reads the log from the segment in which the index ends; costs nothing when there is nothing to apply. Stops at
    /// damage, which it throws: the index then ends before it, so that every later open meets it again.
    static func catchUp(_ index: MetadataIndex, to extent: LogExtent, table: SegmentTable) throws(StoreError) {
        let damage: [LogError]
        do throws(IndexError) {
            let applied = try index.applied
            guard applied.nextFrameSequence < extent.nextFrameSequence else { return }
            damage = try apply(to: index, from: applied, extent: extent, table: table, passingDamage: false)
        } catch {
            throw StoreError(error)
        }
        if let damage = damage.first { throw StoreError(damage) }
    }

    /// An index in memory over everything that verifies, and the damage that was met, segment by segment.
    static func build(
        storeID: StoreID, extent: LogExtent, table: SegmentTable
    ) throws(StoreError) -> (index: MetadataIndex, damage: [LogError]) {
        do throws(IndexError) {
            let index = try MetadataIndex.open(
                path: nil, storeID: (high: storeID.high, low: storeID.low), access: .readWrite)
            let damage = try apply(to: index, from: .zero, extent: extent, table: table, passingDamage: true)
            return (index, damage)
        } catch {
            throw StoreError(error)
        }
    }

    private static func apply(
        to index: MetadataIndex, from applied: AppliedPosition, extent: LogExtent, table: SegmentTable,
        passingDamage: Bool
    ) throws(IndexError) -> [LogError] {
        var damage: [LogError] = []
        var scan = LogScan(table, extent: extent, from: applied.position.segment)
        var decoder = FrameDecoder()
        var pending: [IndexedFrame] = []
        while true {
            do throws(LogError) {
                guard let frame = try scan.next() else { break }
                guard frame.header.frameKind == .events, frame.header.frameSequence >= applied.nextFrameSequence,
                    let segment = scan.segment
                else { continue }
                pending.append(try indexed(frame, segment: segment, payload: scan.payload, decoder: &decoder))
            } catch {
                damage.append(error)
                guard passingDamage else {
                    if let end = pending.lastIndex(where: { $0.header.flags.contains(.batchLast) }) {
                        try index.apply(Array(pending[...end]), through: AppliedPosition(behind: pending[end]))
                    }
                    return damage
                }
                scan.skipSegment()
                continue
            }
            if pending.count >= batchFrameCount, let last = pending.last, last.header.flags.contains(.batchLast) {
                try index.apply(pending, through: AppliedPosition(behind: last))
                pending.removeAll(keepingCapacity: true)
            }
        }
        let end = AppliedPosition(position: extent.end, nextFrameSequence: extent.nextFrameSequence)
        try index.apply(pending, through: end)
        return damage
    }

    /// A frame of the log as the index takes it.
    static func indexed(
        _ frame: ScannedFrame, segment: SegmentFile<PosixFile>, payload: RawSpan, decoder: inout FrameDecoder
    ) throws(LogError) -> IndexedFrame {
        var metadata: ExecutionMetadata?
        if !frame.header.flags.isDisjoint(with: [.executionFirst, .executionLast]) {
            do throws(FormatError) {
                metadata = try decoder.metadata(
                    frame.header, payload: payload, storeSalt: segment.header.storeSalt)
            } catch {
                throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
            }
        }
        return IndexedFrame(
            header: frame.header, position: frame.position, generation: segment.header.generation,
            metadata: metadata)
    }
}

extension AppliedPosition {
    /// Behind a frame that is the last of its batch.
    init(behind frame: IndexedFrame) {
        self.init(
            position: Position(
                segment: frame.position.segment, offset: frame.position.offset + frame.header.frameByteCount),
            nextFrameSequence: frame.header.frameSequence + 1)
    }
}
