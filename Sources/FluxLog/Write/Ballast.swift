import FluxFiles
import Synchronization

/// Room that is kept on the disk of a large log, so that a full disk can be put in order: freed when a write finds no
/// room, and kept again before the next one.
final class Ballast<Files: FileSystem>: Sendable {
    static var fileName: String { "ballast" }

    private let files: Files
    /// The store's directory.
    private let directory: String
    private let logByteCountMin: Int
    private let byteCount: Int
    private let state: Mutex<State>

    private struct State {
        var logByteCount: Int
        var isKept = false
        /// Whether the room was freed and is to be kept again.
        var isReleased = false
    }

    init(files: Files, path: String, options: LogOptions, logByteCount: Int) {
        self.files = files
        directory = path
        logByteCountMin = options.ballast.logByteCountMin
        byteCount = options.ballast.byteCount
        state = Mutex(State(logByteCount: logByteCount))
    }

    private var path: String { "\(directory)/\(Self.fileName)" }

    /// Counts bytes of the log; `true` where the room is to be kept from then on.
    func count(_ byteCount: Int) -> Bool {
        state.withLock { state in
            state.logByteCount += byteCount
            return state.logByteCount >= logByteCountMin && !state.isKept && !state.isReleased
        }
    }

    /// Keeps the room.
    func make() throws(IOError) {
        let file = try files.open(path, .createIfMissing)
        guard try file.byteCount() < byteCount else { return state.withLock { $0.isKept = true } }
        do throws(IOError) {
            guard try file.allocate(byteCount) else { return }
            try file.sync()
        } catch {
            // Half of it would take room and help no one.
            try? files.remove(path)
            throw error
        }
        state.withLock { state in
            state.isKept = true
            state.isReleased = false
        }
    }

    /// Frees the room, also that of an earlier writer; `false` where there is none to free.
    func release() -> Bool {
        guard (try? files.kind(of: path)) == .file, (try? files.remove(path)) != nil else { return false }
        state.withLock { state in
            state.isKept = false
            state.isReleased = true
        }
        return true
    }

    /// Keeps the room again where it was freed.
    func reclaim() throws(IOError) {
        if state.withLock(\.isReleased) { try make() }
    }
}
