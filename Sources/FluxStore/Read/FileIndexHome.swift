import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog
import Synchronization

/// The index in the store's directory.
final class FileIndexHome: IndexHome {
    private let keeper: IndexKeeper
    private let firstSegment: UInt32?
    private let monitor: StoreMonitor
    /// Who reads the file that is opened here, or built.
    private let readers: IndexReaders
    /// What a person should know of the index that was found.
    private let found = Mutex<[String]>([])

    init(keeper: IndexKeeper, readers: IndexReaders, firstSegment: UInt32?, monitor: StoreMonitor) {
        self.readers = readers
        self.monitor = monitor
        self.keeper = keeper
        self.firstSegment = firstSegment
    }

    var warnings: [String] { found.withLock(\.self) }

    func open(through end: LogEvidence) throws(StoreError) -> MetadataIndex {
        var warnings: [String] = []
        defer {
            readers.reopen()
            found.withLock { $0 += warnings }
            warnings.forEach(monitor.noteIndexRebuild)
        }
        let extent = LogExtent(firstSegment: firstSegment, end: end.end, nextFrameSequence: end.nextFrameSequence)
        do throws(StoreError) {
            let index = try keeper.openForWriting(warnings: &warnings)
            try keeper.catchUp(index, to: extent)
            return index
        } catch {
            guard error.code == .index else { throw error }
            warnings.append("\(error.message); it is built again from the log")
        }
        try keeper.putAway()
        let index = try keeper.openForWriting(warnings: &warnings)
        try keeper.catchUp(index, to: extent)
        return index
    }
}
