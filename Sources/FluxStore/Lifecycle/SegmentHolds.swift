import FluxFiles
import FluxFormat
import FluxLog
import Synchronization

/// The open files of a log, which of them count, and who may still need those that were given up.
///
/// Time is counted in files that were given up or replaced. Whoever holds the table holds all that were there at that time,
/// and finds each segment in the generation that counted then.
final class SegmentHolds<Files: FileSystem>: Sendable {
    /// Files that are kept open.
    private static var openFileCountMax: Int { 256 }

    private let path: String
    private let files: Files
    /// Whether sealed segments are mapped.
    private let isMapping: Bool
    private let state: Mutex<State>

    private struct State {
        var open: [SegmentName: SegmentFile<Files.File>] = [:]
        /// The generations over 0 that count.
        var generations: [UInt32: UInt32] = [:]
        /// Generations that were replaced while someone held the table, and when.
        var replaced: [(name: SegmentName, time: UInt64)] = []
        /// Generations that were replaced before the log was opened.
        var superseded: [SegmentName] = []
        var time: UInt64 = 0
        /// How many hold the files of a time.
        var holds: [UInt64: Int] = [:]
        /// Files that were given up, and when.
        var retired: [(name: SegmentName, time: UInt64)] = []

        /// The name of a segment in the generation that counts, or did at a time that someone holds.
        func name(of segment: UInt32, at time: UInt64?) -> SegmentName {
            if let time, let old = replaced.first(where: { $0.name.segment == segment && $0.time > time }) {
                return old.name
            }
            return SegmentName(segment: segment, generation: generations[segment] ?? 0)
        }

        /// Takes out what no one holds.
        mutating func takeFree() -> [SegmentName] {
            let oldest = holds.keys.min() ?? .max
            let free = retired.filter { $0.time <= oldest }.map(\.name)
            retired.removeAll { $0.time <= oldest }
            replaced.removeAll { $0.time <= oldest }
            for name in free { open[name] = nil }
            return free
        }
    }

    init(path: String, files: Files, segments: [SegmentName], isMapping: Bool) {
        self.path = path
        self.files = files
        self.isMapping = isMapping
        var state = State()
        for name in segments where name.generation > 0 { state.generations[name.segment] = name.generation }
        self.state = Mutex(state)
    }

    private var directory: String { "\(path)/\(SegmentName.directory)" }

    func segment(_ name: SegmentName) throws(LogError) -> SegmentFile<Files.File> {
        if let segment = state.withLock({ $0.open[name] }) { return segment }
        return keep(try open(name))
    }

    func isOpen(_ name: SegmentName) -> Bool { state.withLock { $0.open[name] != nil } }

    func current(_ segment: UInt32, at time: UInt64?) throws(LogError) -> SegmentFile<Files.File> {
        if let segment = state.withLock({ $0.open[$0.name(of: segment, at: time)] }) { return segment }
        return keep(try reopened(segment, at: time))
    }

    private func keep(_ segment: SegmentFile<Files.File>) -> SegmentFile<Files.File> {
        state.withLock { state in
            if state.open.count >= Self.openFileCountMax { state.open.removeAll() }
            state.open[segment.name] = segment
        }
        return segment
    }

    func reopened(_ segment: UInt32, at time: UInt64?) throws(LogError) -> SegmentFile<Files.File> {
        let name = state.withLock { $0.name(of: segment, at: time) }
        do throws(LogError) {
            return try open(name)
        } catch {
            // Another process may have written it anew.
            guard case .expired = error, let newest = try newestGeneration(of: segment), newest != name else {
                throw error
            }
            use(newest)
            return try open(newest)
        }
    }

    /// Opens a file; tells one that was given up from one that is lost.
    private func open(_ name: SegmentName) throws(LogError) -> SegmentFile<Files.File> {
        do throws(LogError) {
            let segment = try SegmentFile(opening: name, in: directory, files: files, access: .read)
            // One that ends behind its trailer is never cut any more.
            if isMapping, segment.isSealed { segment.file.map(segment.byteCount) }
            return segment
        } catch {
            guard case .io(let cause) = error, cause.isMissing else { throw error }
            let file = "\(directory)/\(name.fileName)"
            if let head = try LogHead(reading: path, files: files), name.segment < head.oldestSegment {
                throw .expired(path: file, reason: "retention has dropped the segment; what began in it is gone")
            }
            if let newest = try newestGeneration(of: name.segment), newest != name {
                throw .expired(path: file, reason: "the segment was written anew; look up again what is to be read")
            }
            throw error
        }
    }

    private func newestGeneration(of segment: UInt32) throws(LogError) -> SegmentName? {
        do throws(IOError) {
            return try files.list(directory).compactMap(SegmentName.init).filter { $0.segment == segment }.max()
        } catch {
            throw .io(error)
        }
    }

    var superseded: [SegmentName] {
        get { state.withLock(\.superseded) }
        set { state.withLock { $0.superseded = newValue } }
    }

    var rewritten: [SegmentName] {
        state.withLock { state in
            state.generations.map { SegmentName(segment: $0, generation: $1) }.sorted()
        }
    }

    func use(_ name: SegmentName) {
        state.withLock { state in
            let old = state.name(of: name.segment, at: nil)
            guard old != name else { return }
            state.generations[name.segment] = name.generation
            guard !state.holds.isEmpty else { return }
            state.time += 1
            state.replaced.append((old, state.time))
        }
    }

    func hold() -> UInt64 {
        state.withLock { state in
            state.holds[state.time, default: 0] += 1
            return state.time
        }
    }

    func release(_ hold: UInt64) {
        let free = state.withLock { state in
            let count = state.holds[hold, default: 1] - 1
            state.holds[hold] = count == 0 ? nil : count
            return state.retired.isEmpty && state.replaced.isEmpty ? [] : state.takeFree()
        }
        // What is left is removed when the store is opened for writing.
        try? remove(free)
    }

    func retire(_ names: [SegmentName]) throws(LogError) -> Int {
        let (free, heldCount) = state.withLock { state in
            state.time += 1
            for name in names { state.retired.append((name, state.time)) }
            return (state.takeFree(), state.retired.count)
        }
        do throws(IOError) {
            try remove(free)
        } catch {
            throw LogError.io(error)
        }
        return heldCount
    }

    private func remove(_ names: [SegmentName]) throws(IOError) {
        guard !names.isEmpty else { return }
        for name in names {
            // In this order: it may still have the name of a spare, and get its own at this moment.
            try files.remove("\(directory)/\(name.spareFileName)")
            try files.remove("\(directory)/\(name.fileName)")
        }
        try files.syncDirectory(directory)
    }
}
