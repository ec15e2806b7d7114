import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// An index that was built anew from the log.
package struct IndexRebuild: Sendable {
    /// Executions in it.
    package let executionCount: UInt64

    /// Ends the name of the file that is built.
    private static let suffix = ".new"

    /// Builds the index of the store at `path` into a second file, which then takes the place of the first.
    ///
    /// A crash leaves the index as it was, or none. Throws `locked` while a writer has the store, and `damaged` with the
    /// index as it was where the log cannot be read to its end.
    package init(of path: String) throws(StoreError) {
        let files = PosixFileSystem()
        try StoreFolder(path: path, files: files).check()
        let lock = try StoreLock(path, files: files)
        let log = try Self.log(path, files: files)
        let target = IndexKeeper.path(in: path)
        do throws(IOError) {
            try files.makeDirectory("\(path)/\(IndexKeeper.directory)")
            for suffix in ["", "-wal", "-shm"] { try files.remove(target + Self.suffix + suffix) }
        } catch {
            throw StoreError(error)
        }
        executionCount = try Self.build(target + Self.suffix, path: path, log: log, files: files)
        do throws(IOError) {
            try files.open(target + Self.suffix, .readWrite).sync()
            // The database first: without it a write-ahead log that is left is never applied to another.
            for suffix in ["", "-wal", "-shm"] { try files.remove(target + suffix) }
            try files.syncDirectory("\(path)/\(IndexKeeper.directory)")
            try files.rename(target + Self.suffix, to: target)
            // What SQLite left beside the file under its first name.
            for suffix in ["-wal", "-shm"] { try files.remove(target + Self.suffix + suffix) }
            try files.syncDirectory("\(path)/\(IndexKeeper.directory)")
        } catch {
            throw StoreError(error)
        }
        _ = lock
    }

    /// The end of the log; `nil` where nothing was ever stored.
    private static func log(_ path: String, files: PosixFileSystem) throws(StoreError) -> FoundLog? {
        let directory: LogDirectory<PosixFileSystem>
        do throws(LogError) {
            directory = try LogDirectory(path, files: files, access: .read)
            if let damage = directory.damage.first { throw damage }
        } catch {
            throw StoreError(error)
        }
        let found = try FoundLog(directory, isWriterAlive: false, evidence: .none)
        if let found, let head = directory.head, head.durableEnd > found.extent.end,
            head.durableEnd.offset > SegmentHeader.byteCount
        {
            throw StoreError(
                .damaged,
                "\(path): the log was stored durably up to \(head.durableEnd), and ends at \(found.extent.end)")
        }
        return found
    }

    /// Builds the file, and closes it with its write-ahead log copied into it.
    private static func build(
        _ target: String, path: String, log: FoundLog?, files: PosixFileSystem
    ) throws(StoreError) -> UInt64 {
        guard let log else {
            throw StoreError(.notFound, "\(path): nothing was ever stored in it, so there is nothing to index")
        }
        let storeID = log.header.storeID
        let table = SegmentTable(path: path, files: files, segments: log.segments)
        let keeper = IndexKeeper(path: path, storeID: storeID, table: table, files: files)
        let index: MetadataIndex
        do throws(IndexError) {
            index = try MetadataIndex.open(path: target, storeID: (storeID.high, storeID.low), access: .readWrite)
        } catch {
            throw StoreError(error)
        }
        try keeper.catchUp(index, to: log.extent)
        do throws(IndexError) {
            let count = try index.totals().executions
            try index.close()
            return count
        } catch {
            throw StoreError(error)
        }
    }
}
