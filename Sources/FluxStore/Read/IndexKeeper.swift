import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Brings an index to the end of the log, from wherever it is.
struct IndexKeeper {
    static let directory = "index"
    static let fileName = "index.db"

    /// The store's directory.
    let path: String
    let storeID: StoreID
    let table: SegmentTable<PosixFileSystem>
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
            // One of an earlier version is no news: each new schema is built once.
            if case .foreign(_, .olderSchema) = error {
            } else {
                warnings.append("\(error); it is built again from the log")
            }
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
    func putAway() throws(StoreError) {
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

    /// Applies every frame of the extent that the index lacks. See ``IndexCatchUp``.
    func catchUp(_ index: MetadataIndex, to extent: LogExtent) throws(StoreError) {
        try IndexCatchUp(table, extent: extent).run(on: index)
    }

    /// An index in memory over everything that can be listed, and the damage that was met.
    ///
    /// An execution whose payload is damaged is listed. Behind a damaged header nothing of the segment is.
    func build(_ extent: LogExtent) throws(StoreError) -> (index: MetadataIndex, damage: [LogError]) {
        do throws(IndexError) {
            let index = try MetadataIndex.open(
                path: nil, storeID: (high: storeID.high, low: storeID.low), access: .readWrite)
            let damage = try IndexCatchUp(table, extent: extent).scan(into: index)
            return (index, damage)
        } catch {
            throw StoreError(error)
        }
    }
}
