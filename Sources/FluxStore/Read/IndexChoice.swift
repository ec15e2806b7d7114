import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Finds an index for a store that is opened for reading.
struct IndexChoice {
    let path: String
    let storeID: StoreID
    let extent: LogExtent
    let table: SegmentTable

    /// The store's own index if it reaches the end of the log, or can be brought there; else one in memory.
    ///
    /// The index's file is written only with the store's lock held, which a live writer has.
    func choose(files: PosixFileSystem, warnings: inout [String]) throws(StoreError) -> IndexSource {
        let readers = IndexReaders(path: IndexKeeper.path(in: path), storeID: storeID)
        if let applied = appliedSequence(of: readers) {
            if applied == extent.nextFrameSequence { return .file(readers) }
            if applied > extent.nextFrameSequence, !isWriterAlive(files) {
                warnings.append(
                    "\(path): the index knows of \(applied - extent.nextFrameSequence) frames that the log has lost; "
                        + "what was stored behind \(extent.end) is gone")
                return try memory(warnings: &warnings)
            }
        }
        // Neither a directory that may not be written nor a live writer is in the way of reading.
        if let lock = try? StoreLock(path, files: files), let source = try? build(files, readers, &warnings) {
            _ = lock
            return source
        }
        return try memory(warnings: &warnings)
    }

    private func appliedSequence(of readers: IndexReaders) -> UInt64? {
        // Whatever is wrong with the file, it is built again.
        try? readers.read { (index) throws(IndexError) in try index.applied.nextFrameSequence }
    }

    private func isWriterAlive(_ files: PosixFileSystem) -> Bool {
        let file = try? files.open("\(path)/\(StoreLock.fileName)", .read)
        return (try? file?.isLockedByOther()) ?? false
    }

    private func build(
        _ files: PosixFileSystem, _ readers: IndexReaders, _ warnings: inout [String]
    ) throws(StoreError) -> IndexSource {
        let index = try IndexKeeper.openForWriting(
            store: path, storeID: storeID, files: files, warnings: &warnings)
        try IndexKeeper.catchUp(index, to: extent, table: table)
        do throws(IndexError) {
            try index.close()
        } catch {
            throw StoreError(error)
        }
        return .file(readers)
    }

    private func memory(warnings: inout [String]) throws(StoreError) -> IndexSource {
        let built = try IndexKeeper.build(storeID: storeID, extent: extent, table: table)
        warnings.append(contentsOf: built.damage.map(\.description))
        return .memory(MemoryIndex(built.index))
    }
}
