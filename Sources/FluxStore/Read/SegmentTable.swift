import FluxFiles
import FluxFormat
import FluxLog
import Synchronization

/// The open segment files that cursors read from.
final class SegmentTable: Sendable {
    /// Files that are kept open.
    private static let openFileCountMax = 256

    let path: String
    private let files: PosixFileSystem
    private let open = Mutex<[SegmentName: SegmentFile<PosixFile>]>([:])

    init(path: String, files: PosixFileSystem) {
        self.path = path
        self.files = files
    }

    /// The segment's file, opened when it is not open yet. Its trailer is that of the time when it was opened.
    func segment(_ name: SegmentName) throws(LogError) -> SegmentFile<PosixFile> {
        if let segment = open.withLock({ $0[name] }) { return segment }
        let segment = try reopened(name)
        open.withLock { open in
            if open.count >= Self.openFileCountMax { open.removeAll() }
            open[name] = segment
        }
        return segment
    }

    /// The segment's file as it is at this moment.
    func reopened(_ name: SegmentName) throws(LogError) -> SegmentFile<PosixFile> {
        try SegmentFile(opening: name, in: "\(path)/\(SegmentName.directory)", files: files, access: .read)
    }
}
