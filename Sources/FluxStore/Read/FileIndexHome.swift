import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Synchronization

/// The index in the store's directory.
final class FileIndexHome: IndexHome {
    private let keeper: IndexKeeper
    private let monitor: StoreMonitor
    /// Who reads the file that is opened here, or built.
    private let readers: IndexReaders
    /// What a person should know of the index that was found.
    private let found = Mutex<[String]>([])

    init(keeper: IndexKeeper, readers: IndexReaders, monitor: StoreMonitor) {
        self.readers = readers
        self.monitor = monitor
        self.keeper = keeper
    }

    var warnings: [String] { found.withLock(\.self) }

    func open(reaching extent: LogExtent) throws(StoreError) -> MetadataIndex {
        var warnings: [String] = []
        defer {
            readers.reopen()
            found.withLock { $0 += warnings }
            warnings.forEach(monitor.noteIndexRebuild)
        }
        do throws(StoreError) {
            let index = try keeper.openForWriting(warnings: &warnings)
            try keeper.catchUp(index, to: extent)
            try removeSuperseded()
            return index
        } catch {
            guard error.code == .index else { throw error }
            warnings.append("\(error.message); it is built again from the log")
        }
        try keeper.putAway()
        let index = try keeper.openForWriting(warnings: &warnings)
        try keeper.catchUp(index, to: extent)
        try removeSuperseded()
        return index
    }

    private func removeSuperseded() throws(StoreError) {
        do throws(LogError) {
            try keeper.table.removeSuperseded()
        } catch {
            throw StoreError(error)
        }
    }
}
