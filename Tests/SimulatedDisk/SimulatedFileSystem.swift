package import FluxFiles
import Glibc

/// A ``SimulatedDisk`` behind the store's seam.
package struct SimulatedFileSystem: FileSystem {
    package let disk: SimulatedDisk

    package func open(_ path: String, _ access: FileAccess) throws(IOError) -> SimulatedFile {
        SimulatedFile(file: try disk.openFile(path, access), path: path, canWrite: access != .read, disk: disk)
    }

    package func list(_ directory: String) throws(IOError) -> [String] { try disk.list(directory) }
    package func makeDirectory(_ path: String) throws(IOError) { try disk.makeDirectory(path) }
    package func kind(of path: String) throws(IOError) -> FileKind? { try disk.kind(of: path) }
    package func rename(_ source: String, to target: String) throws(IOError) { try disk.rename(source, to: target) }
    package func link(_ source: String, to target: String) throws(IOError) { try disk.link(source, to: target) }
    package func remove(_ path: String) throws(IOError) { try disk.remove(path) }
    package func syncDirectory(_ path: String) throws(IOError) { try disk.syncDirectory(path) }
}

/// An open file of a ``SimulatedDisk``. It stays the same file when its name changes or goes; closing syncs nothing.
///
/// `@unchecked Sendable`: as its disk.
package final class SimulatedFile: StoredFile, @unchecked Sendable {
    package let path: String
    private let file: Int
    private let canWrite: Bool
    private let disk: SimulatedDisk

    init(file: Int, path: String, canWrite: Bool, disk: SimulatedDisk) {
        self.file = file
        self.path = path
        self.canWrite = canWrite
        self.disk = disk
    }

    deinit { disk.unlock(file, of: ObjectIdentifier(self)) }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        try disk.read(file, path, into: buffer, at: offset)
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(IOError) {
        try needWriting("write at \(offset)", EBADF)
        try disk.write(file, path, bytes, at: offset)
    }

    package func sync() throws(IOError) { try disk.sync(file, path) }

    package func truncate(to byteCount: Int) throws(IOError) {
        try needWriting("cut at \(byteCount)", EINVAL)
        try disk.truncate(file, path, to: byteCount)
    }

    package func byteCount() throws(IOError) -> Int { try disk.byteCount(file, path) }

    package func allocate(_ byteCount: Int) throws(IOError) -> Bool {
        try needWriting("reserve \(byteCount) bytes", EBADF)
        return try disk.allocate(file, path, byteCount)
    }

    package func dropCache() { disk.dropCache(file, path) }

    package func tryLock() throws(IOError) -> Bool {
        try needWriting("lock", EBADF)
        _ = try disk.begin(.lock, "lock", path)
        guard !disk.isLocked(file, byOtherThan: ObjectIdentifier(self)) else { return false }
        disk.lock(file, for: ObjectIdentifier(self))
        return true
    }

    package func isLockedByOther() throws(IOError) -> Bool {
        _ = try disk.begin(.lock, "ask for the lock of", path)
        return disk.isLocked(file, byOtherThan: ObjectIdentifier(self))
    }

    private func needWriting(_ verb: String, _ number: Int32) throws(IOError) {
        guard canWrite else { throw IOError(verb, path, number: number) }
    }
}
