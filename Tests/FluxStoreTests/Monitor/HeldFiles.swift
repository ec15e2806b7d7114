import FluxFiles
import Glibc

@testable import FluxStore

/// A disk that hangs, fills up and fails when a test says so.
final class DiskScript: Sendable {
    private let state = Guarded(State())

    private struct State {
        var isHeld = false
        var isFull = false
        var isFailing = false
    }

    /// Lets no sync return.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Lets syncs return again.
    func release() {
        state.withLock { $0.isHeld = false }
        state.signal()
    }

    /// Whether there is no room for what is written.
    var isFull: Bool {
        get { state.withLock(\.isFull) }
        set { state.withLock { $0.isFull = newValue } }
    }

    /// Lets every further sync fail.
    func fail() { state.withLock { $0.isFailing = true } }

    fileprivate func sync(_ file: PosixFile) throws(IOError) {
        let isFailing = state.wait { $0.isHeld ? nil : $0.isFailing } ?? false
        if isFailing { throw IOError("sync", file.path, number: EIO) }
        try file.sync()
    }

    fileprivate func checkRoom(_ file: PosixFile) throws(IOError) {
        if isFull { throw IOError("write", file.path, number: ENOSPC) }
    }
}

/// The system's files on such a disk.
struct HeldFiles: FileSystem {
    let script: DiskScript
    private let files = PosixFileSystem()

    init(script: DiskScript) {
        self.script = script
    }

    func open(_ path: String, _ access: FileAccess) throws(IOError) -> HeldFile {
        HeldFile(file: try files.open(path, access), script: script)
    }

    func list(_ directory: String) throws(IOError) -> [String] { try files.list(directory) }
    func makeDirectory(_ path: String) throws(IOError) { try files.makeDirectory(path) }
    func kind(of path: String) throws(IOError) -> FileKind? { try files.kind(of: path) }
    func link(_ source: String, to target: String) throws(IOError) { try files.link(source, to: target) }
    func rename(_ source: String, to target: String) throws(IOError) { try files.rename(source, to: target) }
    func remove(_ path: String) throws(IOError) { try files.remove(path) }
    func syncDirectory(_ path: String) throws(IOError) { try files.syncDirectory(path) }
}

/// One of them.
final class HeldFile: StoredFile {
    private let file: PosixFile
    private let script: DiskScript

    fileprivate init(file: PosixFile, script: DiskScript) {
        self.file = file
        self.script = script
    }

    var path: String { file.path }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        try file.read(into: buffer, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(IOError) {
        try script.checkRoom(file)
        try file.write(bytes, at: offset)
    }

    func allocate(_ byteCount: Int) throws(IOError) -> Bool {
        try script.checkRoom(file)
        return try file.allocate(byteCount)
    }

    func sync() throws(IOError) { try script.sync(file) }
    func truncate(to byteCount: Int) throws(IOError) { try file.truncate(to: byteCount) }
    func byteCount() throws(IOError) -> Int { try file.byteCount() }
    func dropCache() { file.dropCache() }
    func tryLock() throws(IOError) -> Bool { try file.tryLock() }
    func isLockedByOther() throws(IOError) -> Bool { try file.isLockedByOther() }
}
