import CFluxSystem
import Glibc
import Synchronization

/// The operating system's files.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ access: FileAccess) throws(IOError) -> PosixFile {
        let flags =
            switch access {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .createIfMissing: O_RDWR | O_CREAT
            }
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw IOError("open", path, number: errno) }
        return PosixFile(descriptor: descriptor, path: path)
    }

    package func list(_ directory: String) throws(IOError) -> [String] {
        guard let stream = unsafe opendir(directory) else { throw IOError("list", directory, number: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw IOError("list", directory, number: errno) }
        return names.sorted()
    }

    package func makeDirectory(_ path: String) throws(IOError) {
        guard unsafe mkdir(path, 0o755) != 0 else { return }
        let number = errno
        guard number == EEXIST, try kind(of: path) == .directory else {
            throw IOError("make the directory", path, number: number)
        }
    }

    package func kind(of path: String) throws(IOError) -> FileKind? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw IOError("look at", path, number: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    package func rename(_ source: String, to target: String) throws(IOError) {
        guard unsafe Glibc.rename(source, target) == 0 else {
            throw IOError("rename to \(target)", source, number: errno)
        }
    }

    package func link(_ source: String, to target: String) throws(IOError) {
        guard unsafe Glibc.link(source, target) == 0 else {
            throw IOError("link to \(target)", source, number: errno)
        }
    }

    package func remove(_ path: String) throws(IOError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw IOError("remove", path, number: errno) }
    }

    package func syncDirectory(_ path: String) throws(IOError) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw IOError("open", path, number: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw IOError("sync", path, number: errno) }
    }
}

/// An open file of the operating system.
package final class PosixFile: StoredFile {
    package let path: String
    private let descriptor: Int32
    private let mapped = Mutex<MappedFile?>(nil)

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        // Nothing is known to be durable by closing, so an error here says nothing.
        close(descriptor)
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = unsafe pread(
                descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, offset + done)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw IOError("read at \(offset + done)", path, number: errno)
            }
            done += count
        }
        return done
    }

    package func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        let count = unsafe flux_read_cached(descriptor, buffer.baseAddress, buffer.count, Int64(offset))
        guard count >= 0 else { throw IOError("read at \(offset)", path, number: Int32(truncatingIfNeeded: -count)) }
        return Int(count)
    }

    package func readAhead(_ range: Range<Int>) {
        // A hint, which fails on nothing that a read would not tell better.
        _ = posix_fadvise(descriptor, range.lowerBound, range.count, POSIX_FADV_WILLNEED)
    }

    package func map(_ byteCount: Int) {
        let mapping = MappedFile(descriptor, path: path, byteCount: byteCount)
        mapped.withLock { $0 = mapping }
    }

    package var mapping: MappedFile? { mapped.withLock(\.self) }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(IOError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe pwrite(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
            if count < 0 {
                if errno == EINTR { continue }
                throw IOError("write at \(offset + done)", path, number: errno)
            }
            done += count
        }
    }

    package func sync() throws(IOError) {
        guard fdatasync(descriptor) == 0 else { throw IOError("sync", path, number: errno) }
    }

    package func truncate(to byteCount: Int) throws(IOError) {
        guard ftruncate(descriptor, byteCount) == 0 else {
            throw IOError("cut at \(byteCount)", path, number: errno)
        }
    }

    package func byteCount() throws(IOError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw IOError("look at", path, number: errno) }
        return Int(status.st_size)
    }

    package func allocate(_ byteCount: Int) throws(IOError) -> Bool {
        let number = flux_allocate(descriptor, Int64(byteCount))
        if number == EOPNOTSUPP { return false }
        guard number == 0 else { throw IOError("reserve \(byteCount) bytes", path, number: number) }
        return true
    }

    package func dropCache() {
        // A hint, which fails on nothing that a read would not tell better.
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    package func tryLock() throws(IOError) -> Bool {
        let number = flux_lock_exclusive(descriptor)
        if number == EAGAIN || number == EACCES { return false }
        guard number == 0 else { throw IOError("lock", path, number: number) }
        return true
    }

    package func isLockedByOther() throws(IOError) -> Bool {
        let answer = flux_lock_is_held(descriptor)
        guard answer >= 0 else { throw IOError("ask for the lock of", path, number: -answer) }
        return answer == 1
    }
}
