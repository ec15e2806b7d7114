import FluxFiles
import Synchronization

/// The system's files, where a listing can miss names, as one that takes several calls can while others rename.
struct ForgetfulFiles: FileSystem {
    private let files = PosixFileSystem()
    private let state: State

    private final class State: Sendable {
        /// What the names begin with that the next listings lack.
        let missed: Mutex<[String]>
        let listCount = Mutex(0)

        init(_ missed: [String]) {
            self.missed = Mutex(missed)
        }
    }

    /// The next listings of a folder named `seg` lack the names with these beginnings, one after the other.
    init(missing names: [String]) {
        state = State(names)
    }

    /// Listings of such folders so far.
    var listCount: Int { state.listCount.withLock { $0 } }

    func list(_ directory: String) throws(IOError) -> [String] {
        let names = try files.list(directory)
        guard directory.hasSuffix("/seg") else { return names }
        state.listCount.withLock { $0 += 1 }
        let missed = state.missed.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        return names.filter { name in missed.map { !name.hasPrefix($0) } ?? true }
    }

    func open(_ path: String, _ access: FileAccess) throws(IOError) -> PosixFile { try files.open(path, access) }
    func makeDirectory(_ path: String) throws(IOError) { try files.makeDirectory(path) }
    func kind(of path: String) throws(IOError) -> FileKind? { try files.kind(of: path) }
    func rename(_ source: String, to target: String) throws(IOError) { try files.rename(source, to: target) }
    func link(_ source: String, to target: String) throws(IOError) { try files.link(source, to: target) }
    func remove(_ path: String) throws(IOError) { try files.remove(path) }
    func syncDirectory(_ path: String) throws(IOError) { try files.syncDirectory(path) }
}
