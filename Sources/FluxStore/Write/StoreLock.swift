import FluxFiles
import Glibc

/// The lock that keeps a second writer out; gone when the value goes, or the process dies.
struct StoreLock {
    static let fileName = "LOCK"

    private let file: PosixFile

    /// Takes the lock of the store at `path`, or throws `locked` with the owner's words.
    init(_ path: String, files: PosixFileSystem) throws(StoreError) {
        let lockPath = "\(path)/\(Self.fileName)"
        do throws(IOError) {
            file = try files.open(lockPath, .createIfMissing)
            guard try file.tryLock() else {
                let owner =
                    String(decoding: try file.read(byteCount: 256, at: 0), as: UTF8.self)
                    .split(separator: "\n").first ?? "another process"
                throw IOError("\(owner)", lockPath, number: EAGAIN)
            }
        } catch {
            guard error.number == EAGAIN else { throw StoreError(error) }
            throw StoreError(
                .locked,
                "\(path): is open for writing by \(error.operation); open it read-only, or wait until it is closed")
        }
        // Words for a person; a full disk is no reason not to hold the lock.
        try? file.truncate(to: 0)
        try? file.write(Array("pid \(getpid())\n".utf8), at: 0)
    }
}
