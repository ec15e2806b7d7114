import FluxFiles
import FluxFormat
import FluxLog

/// The segment files that cursors read from.
///
/// A table that is ``held()`` keeps the files that were there when it was made until it goes: what is given up meanwhile
/// is removed from the disk behind that, and what is written anew meanwhile is read as it was.
final class SegmentTable<Files: FileSystem>: Sendable {
    let path: String
    private let shared: SegmentHolds<Files>
    /// Until when files are kept that were given up; `nil` where none are.
    private let hold: UInt64?

    /// `isMapping` tells that sealed segments are read where the system can map them. `segments` are those of the log as it was found; without them, names alone tell which generation counts.
    convenience init(path: String, files: Files, segments: [SegmentName] = [], isMapping: Bool = false) {
        let shared = SegmentHolds(path: path, files: files, segments: segments, isMapping: isMapping)
        self.init(path: path, shared: shared, hold: nil)
    }

    /// The table of a log as it was found.
    convenience init(_ directory: LogDirectory<Files>, isMapping: Bool = false) {
        self.init(
            path: directory.path, files: directory.files, segments: directory.segments.map(\.name),
            isMapping: isMapping)
        shared.superseded = directory.superseded
    }

    private init(path: String, shared: SegmentHolds<Files>, hold: UInt64?) {
        self.path = path
        self.shared = shared
        self.hold = hold
    }

    deinit {
        if let hold { shared.release(hold) }
    }

    /// The same files, none of which is removed while the value lives.
    ///
    /// Made before the places of frames are looked up: what is looked up behind that is there until it goes.
    func held() -> SegmentTable { SegmentTable(path: path, shared: shared, hold: shared.hold()) }

    /// The file of this very generation, opened when it is not open yet. Its trailer is that of the time when it was opened.
    /// Throws `expired` where it was given up.
    func segment(_ name: SegmentName) throws(LogError) -> SegmentFile<Files.File> { try shared.segment(name) }

    /// Whether ``segment(_:)`` opens nothing.
    func isOpen(_ name: SegmentName) -> Bool { shared.isOpen(name) }

    /// The file of the generation that counts, opened when it is not open yet; of a table that is held, of the one that
    /// counted when it was made. As ``segment(_:)`` otherwise.
    func current(_ segment: UInt32) throws(LogError) -> SegmentFile<Files.File> {
        try shared.current(segment, at: hold)
    }

    /// The same file as it is at this moment.
    func reopened(_ segment: UInt32) throws(LogError) -> SegmentFile<Files.File> {
        try shared.reopened(segment, at: hold)
    }

    /// The segment's file with its trailer, which may stand before room that was reserved; without one where it is not
    /// sealed.
    func sealed(_ segment: UInt32) throws(LogError) -> SegmentFile<Files.File> {
        let file = try reopened(segment)
        guard !file.isSealed else { return file }
        let next: SegmentFile<Files.File>
        do throws(LogError) {
            next = try reopened(segment + 1)
        } catch {
            switch error {
            // The last segment has no next one to tell where it ends, or one whose header is not finished.
            case .io(let cause) where cause.isMissing: return file
            case .damaged: return file
            default: throw error
            }
        }
        guard next.header.previousEnd.segment == segment else { return file }
        return try file.sealed(endingAt: next.header.previousEnd.offset) ?? file
    }

    /// The segments that were written anew, each in the generation that counts.
    var rewritten: [SegmentName] { shared.rewritten }

    /// Removes generations that another had replaced when the log was found. No row names a place in them any more.
    func removeSuperseded() throws(LogError) {
        let names = shared.superseded
        if !names.isEmpty { _ = try retire(names) }
        shared.superseded = []
    }

    /// Lets a segment be read in the generation that was written.
    func use(_ name: SegmentName) { shared.use(name) }

    /// Gives files up, which no look-up finds any more, and removes those that no one holds. Returns how many are held.
    ///
    /// What cannot be removed is removed when the store is opened for writing.
    func retire(_ names: [SegmentName]) throws(LogError) -> Int { try shared.retire(names) }
}
