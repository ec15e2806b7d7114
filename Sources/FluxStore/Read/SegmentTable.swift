import FluxFiles
import FluxFormat
import FluxLog
import Synchronization

/// The open segment files that cursors read from.
final class SegmentTable<Files: FileSystem>: Sendable {
    /// Files that are kept open.
    private static var openFileCountMax: Int { 256 }

    let path: String
    private let files: Files
    private let open = Mutex<[SegmentName: SegmentFile<Files.File>]>([:])

    init(path: String, files: Files) {
        self.path = path
        self.files = files
    }

    /// The segment's file, opened when it is not open yet. Its trailer is that of the time when it was opened.
    func segment(_ name: SegmentName) throws(LogError) -> SegmentFile<Files.File> {
        if let segment = open.withLock({ $0[name] }) { return segment }
        let segment = try reopened(name)
        open.withLock { open in
            if open.count >= Self.openFileCountMax { open.removeAll() }
            open[name] = segment
        }
        return segment
    }

    /// Whether ``segment(_:)`` opens nothing.
    func isOpen(_ name: SegmentName) -> Bool { open.withLock { $0[name] != nil } }

    /// The segment's file as it is at this moment.
    func reopened(_ name: SegmentName) throws(LogError) -> SegmentFile<Files.File> {
        try SegmentFile(opening: name, in: "\(path)/\(SegmentName.directory)", files: files, access: .read)
    }

    /// The segment's file with its trailer, which may stand before room that was reserved; without one where it is not
    /// sealed.
    func sealed(_ name: SegmentName) throws(LogError) -> SegmentFile<Files.File> {
        let file = try reopened(name)
        guard !file.isSealed else { return file }
        let next: SegmentFile<Files.File>
        do throws(LogError) {
            next = try reopened(SegmentName(segment: name.segment + 1))
        } catch {
            switch error {
            // The last segment has no next one to tell where it ends, or one whose header is not finished.
            case .io(let cause) where cause.isMissing: return file
            case .damaged: return file
            default: throw error
            }
        }
        guard next.header.previousEnd.segment == name.segment else { return file }
        return try file.sealed(endingAt: next.header.previousEnd.offset) ?? file
    }
}
