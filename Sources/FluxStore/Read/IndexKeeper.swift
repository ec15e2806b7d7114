import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Brings an index to the end of the log, from wherever it is.
struct IndexKeeper {
    static let directory = "index"
    static let fileName = "index.db"
    /// Frames of one transaction.
    private static let batchFrameCount = 2048

    /// The store's directory.
    let path: String
    let storeID: StoreID
    let table: SegmentTable
    let files: PosixFileSystem

    static func path(in store: String) -> String { "\(store)/\(directory)/\(fileName)" }

    /// The id that the index of a store without segments has noted; `nil` where there is none.
    ///
    /// Throws `damaged` where the index knows of frames: then the segments are gone.
    static func owner(ofEmptyStore path: String) throws(StoreError) -> StoreID? {
        // An index that cannot be read is put away when it is opened.
        guard let found = try? MetadataIndex.owner(at: Self.path(in: path)) else { return nil }
        guard found.applied.position == .zero else {
            throw StoreError(
                .damaged,
                "\(path)/\(SegmentName.directory): all segments are missing, and the index knows of some; put them back, "
                    + "or delete the folder \(directory) to begin with an empty store")
        }
        return StoreID(high: found.storeID.high, low: found.storeID.low)
    }

    /// What the index says of the end of the log; nothing where it is missing or cannot be read.
    static func evidence(in path: String, of storeID: StoreID?) -> LogEvidence {
        // Whatever is wrong with the file, it is built again.
        guard let found = try? MetadataIndex.owner(at: Self.path(in: path)), let storeID,
            found.storeID == (storeID.high, storeID.low)
        else { return .none }
        let applied = found.applied
        return LogEvidence(end: applied.position, nextFrameSequence: applied.nextFrameSequence)
    }

    /// Connections that read the file.
    var readers: IndexReaders { IndexReaders(path: Self.path(in: path), storeID: storeID) }

    /// Opens the index and brings it to the end of the log. One that cannot be read is built again.
    func open(reaching extent: LogExtent, warnings: inout [String]) throws(StoreError) -> MetadataIndex {
        do throws(StoreError) {
            let index = try openForWriting(warnings: &warnings)
            try catchUp(index, to: extent)
            return index
        } catch {
            guard error.code == .index else { throw error }
            warnings.append("\(error.message); it is built again from the log")
        }
        try putAway()
        let index = try openForWriting(warnings: &warnings)
        try catchUp(index, to: extent)
        return index
    }

    /// Opens the index for writing. One that is damaged, of another store or of another schema is put away first.
    func openForWriting(warnings: inout [String]) throws(StoreError) -> MetadataIndex {
        do throws(IOError) {
            try files.makeDirectory("\(path)/\(Self.directory)")
        } catch {
            throw StoreError(error)
        }
        do throws(IndexError) {
            return try openFile()
        } catch {
            guard error.asksForRebuild else { throw StoreError(error) }
            warnings.append("\(error); it is built again from the log")
        }
        try putAway()
        do throws(IndexError) {
            return try openFile()
        } catch {
            throw StoreError(error)
        }
    }

    private func openFile() throws(IndexError) -> MetadataIndex {
        let indexPath = Self.path(in: path)
        if isCutInAPage { throw .corrupt(path: indexPath, reason: "it ends within a page") }
        return try MetadataIndex.open(
            path: indexPath, storeID: (high: storeID.high, low: storeID.low), access: .readWrite)
    }

    /// Whether the database ends within a page, which SQLite finds only when it reads that page.
    var isCutInAPage: Bool {
        // One that cannot be opened is for SQLite to judge.
        let file = try? files.open(Self.path(in: path), .read)
        return ((try? file?.byteCount()) ?? 0) % IndexLimit.pageByteCount != 0
    }

    /// Renames the index's files, so that another can be built; the last one put away is kept.
    private func putAway() throws(StoreError) {
        let indexPath = Self.path(in: path)
        do throws(IOError) {
            // The write-ahead log first: left behind, it would be applied to the next index.
            for suffix in ["-wal", "-shm", ""] {
                // One that was put away before belongs to another database.
                try files.remove("\(indexPath).old\(suffix)")
                guard try files.kind(of: indexPath + suffix) != nil else { continue }
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
    func catchUp(_ index: MetadataIndex, to extent: LogExtent) throws(StoreError) {
        let damage: [LogError]
        do throws(IndexError) {
            let applied = try index.applied
            guard applied.nextFrameSequence < extent.nextFrameSequence else { return }
            damage = try apply(to: index, from: applied, extent: extent, passingDamage: false)
        } catch {
            throw StoreError(error)
        }
        if let damage = damage.first { throw StoreError(damage) }
    }

    /// An index in memory over everything that can be listed, and the damage that was met.
    ///
    /// An execution whose payload is damaged is listed. Behind a damaged header nothing of the segment is.
    func build(_ extent: LogExtent) throws(StoreError) -> (index: MetadataIndex, damage: [LogError]) {
        do throws(IndexError) {
            let index = try MetadataIndex.open(
                path: nil, storeID: (high: storeID.high, low: storeID.low), access: .readWrite)
            let damage = try apply(to: index, from: .zero, extent: extent, passingDamage: true)
            return (index, damage)
        } catch {
            throw StoreError(error)
        }
    }
}

extension IndexKeeper {
    private func apply(
        to index: MetadataIndex, from applied: AppliedPosition, extent: LogExtent, passingDamage: Bool
    ) throws(IndexError) -> [LogError] {
        var damage: [LogError] = []
        var scan = LogScan(table, extent: extent, from: applied.position.segment)
        var decoder = FrameDecoder()
        var pending: [IndexedFrame] = []
        while true {
            let met: LogError?
            do throws(LogError) {
                guard let frame = try scan.next(verifyingPayload: false) else { break }
                guard frame.header.frameKind == .events, frame.header.frameSequence >= applied.nextFrameSequence,
                    let segment = scan.segment
                else { continue }
                let (entry, error) = Self.indexed(frame, segment: segment, payload: scan.payload, decoder: &decoder)
                // One whose payload is damaged is listed all the same; reading it throws.
                if error == nil || passingDamage { pending.append(entry) }
                met = error
            } catch {
                scan.skipSegment()
                met = error
            }
            if let met {
                damage.append(met)
                if !passingDamage {
                    try Self.applyWholeBatches(of: pending, to: index)
                    return damage
                }
            }
            if pending.count >= Self.batchFrameCount, let last = pending.last, last.header.flags.contains(.batchLast) {
                try index.apply(pending, through: AppliedPosition(behind: last))
                pending.removeAll(keepingCapacity: true)
            }
        }
        let end = AppliedPosition(position: extent.end, nextFrameSequence: extent.nextFrameSequence)
        try index.apply(pending, through: end)
        return damage
    }

    private static func applyWholeBatches(
        of pending: [IndexedFrame], to index: MetadataIndex
    ) throws(IndexError) {
        guard let end = pending.lastIndex(where: { $0.header.flags.contains(.batchLast) }) else { return }
        try index.apply(Array(pending[...end]), through: AppliedPosition(behind: pending[end]))
    }

    /// A frame of the log as the index takes it, and what is damaged in its payload.
    static func indexed(
        _ frame: ScannedFrame, segment: SegmentFile<PosixFile>, payload: RawSpan, decoder: inout FrameDecoder
    ) -> (IndexedFrame, damage: LogError?) {
        var metadata: ExecutionMetadata?
        var damage: LogError?
        do throws(FormatError) {
            if !frame.header.flags.isDisjoint(with: [.executionFirst, .executionLast]) {
                metadata = try decoder.metadata(
                    frame.header, payload: payload, storeSalt: segment.header.storeSalt)
            }
            try FrameDecoder.verify(frame.header, payload: payload, storeSalt: segment.header.storeSalt)
        } catch {
            damage = .damaged(path: segment.file.path, offset: frame.position.offset, error)
        }
        let entry = IndexedFrame(
            header: frame.header, position: frame.position, generation: segment.header.generation,
            metadata: metadata)
        return (entry, damage)
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
