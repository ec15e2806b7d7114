package import FluxFiles
import FluxFormat
import Synchronization

/// What a log does beside its commits: names segments, trims them, makes the next one ahead of time.
///
/// The writer adds jobs; another thread calls ``runNext()``. A job that fails loses nothing: recovery accepts a log in
/// which none of them was done.
package final class LogBackground<Files: FileSystem>: Sendable {
    private let files: Files
    /// The store's directory.
    private let path: String
    private let segmentByteCountMax: Int
    private let state: Mutex<State>
    private let ballast: Ballast<Files>
    private let observer: (any LogObserver)?

    /// A file that was made for the next segment.
    struct Spare: Sendable {
        let segment: UInt32
        let file: Files.File
        let allocatedByteCount: Int
    }

    private enum Job: Sendable {
        case name(UInt32)
        case head(HeadFile<Files.File>, HeadFile<Files.File>.Content)
        case trim(Files.File, Int)
        case spare(UInt32)
        case ballast
    }

    private struct State: Sendable {
        var oldestSegment: UInt32
        var jobs: [Job] = []
        var spare: Spare?
        /// The segment for which a spare was asked for last.
        var spareAskedFor: UInt32 = 0
        /// The last segment that was begun, for which a spare comes too late.
        var begunSegment: UInt32 = 0
        var failureCount: UInt64 = 0
    }

    init(files: Files, path: String, options: LogOptions, oldestSegment: UInt32, logByteCount: Int) {
        self.files = files
        self.path = path
        segmentByteCountMax = options.segmentByteCountMax
        observer = options.observer
        ballast = Ballast(files: files, path: path, options: options, logByteCount: logByteCount)
        state = Mutex(State(oldestSegment: oldestSegment))
    }

    /// The number of the first segment of the log.
    package internal(set) var oldestSegment: UInt32 {
        get { state.withLock(\.oldestSegment) }
        set { state.withLock { $0.oldestSegment = newValue } }
    }

    /// Whether a job waits.
    package var hasWork: Bool { state.withLock { !$0.jobs.isEmpty } }

    /// Jobs that failed since the log was opened.
    package var failureCount: UInt64 { state.withLock(\.failureCount) }

    /// Does the job that waits longest; `false` where none does.
    @discardableResult
    package func runNext() -> Bool {
        guard let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) else { return false }
        do throws(IOError) {
            try run(job)
        } catch {
            state.withLock { $0.failureCount += 1 }
            observer?.note(.jobFailed(error))
        }
        return true
    }

    /// Does all jobs that wait.
    package func runAll() { while runNext() {} }
}

extension LogBackground {
    /// Takes the spare that was made for a segment; `nil` where there is none yet, and none will be: never may two files
    /// of one segment have a header.
    func takeSpare(_ segment: UInt32) -> Spare? {
        let (spare, isMissing): (Spare?, Bool) = state.withLock { state in
            state.begunSegment = max(state.begunSegment, segment)
            guard state.spare?.segment == segment else { return (nil, state.spareAskedFor == segment) }
            return (state.spare.take(), false)
        }
        if isMissing { observer?.note(.spareMissing(segment: segment)) }
        return spare
    }

    /// Gives back a spare whose header could not be written.
    func putBack(_ spare: Spare) { state.withLock { $0.spare = spare } }

    /// Asks for the file of a segment to be made ahead of time; asking again does nothing.
    func prepareSpare(_ segment: UInt32) {
        state.withLock { state in
            guard state.spareAskedFor < segment else { return }
            state.spareAskedFor = segment
            state.jobs.append(.spare(segment))
        }
    }

    /// Gives a segment that was a spare the name of a segment.
    func name(_ segment: UInt32) { add(.name(segment)) }

    /// Writes a slot of HEAD and syncs it.
    func write(_ content: HeadFile<Files.File>.Content, to head: HeadFile<Files.File>) { add(.head(head, content)) }

    /// Gives back what a sealed segment had reserved, and counts its bytes.
    func trim(_ file: Files.File, to byteCount: Int) {
        add(.trim(file, byteCount))
        if ballast.count(byteCount) { add(.ballast) }
    }

    /// Removes files that were made ahead of time.
    func removeSpares() throws(IOError) {
        let spare = state.withLock { $0.spare.take() }
        guard let spare else { return }
        try files.remove("\(segmentDirectory)/\(SegmentName(segment: spare.segment).spareFileName)")
    }

    /// Frees the room that was kept for a full disk.
    func releaseBallast() {
        if ballast.release() { observer?.note(.ballastReleased) }
    }

    /// Keeps that room again; throws `noSpace` while the disk has none.
    func reclaimBallast() throws(LogError) {
        do throws(IOError) {
            try ballast.reclaim()
        } catch {
            throw LogError(error)
        }
    }

    private var segmentDirectory: String { "\(path)/\(SegmentName.directory)" }

    private func add(_ job: Job) { state.withLock { $0.jobs.append(job) } }

    private func run(_ job: Job) throws(IOError) {
        switch job {
        case .name(let segment):
            let name = SegmentName(segment: segment)
            try files.rename(
                "\(segmentDirectory)/\(name.spareFileName)", to: "\(segmentDirectory)/\(name.fileName)")
            try files.syncDirectory(segmentDirectory)
        case .head(let head, let content): try head.write(content)
        case .trim(let file, let byteCount):
            try file.truncate(to: byteCount)
            try file.sync()
        case .spare(let segment): try makeSpare(segment)
        case .ballast: try ballast.make()
        }
    }

    /// A file under the name of a spare, with its room on the disk and its name durable.
    private func makeSpare(_ segment: UInt32) throws(IOError) {
        guard state.withLock({ $0.begunSegment < segment }) else { return }
        let path = "\(segmentDirectory)/\(SegmentName(segment: segment).spareFileName)"
        do throws(IOError) {
            let file = try files.open(path, .createIfMissing)
            let isAllocated = try file.allocate(segmentByteCountMax)
            try file.sync()
            try files.syncDirectory(segmentDirectory)
            let spare = Spare(
                segment: segment, file: file, allocatedByteCount: isAllocated ? segmentByteCountMax : 0)
            let isInTime = state.withLock { state in
                guard state.begunSegment < segment else { return false }
                state.spare = spare
                return true
            }
            if !isInTime { try files.remove(path) }
        } catch {
            // Half of one would only take room.
            try? files.remove(path)
            throw error
        }
    }
}
