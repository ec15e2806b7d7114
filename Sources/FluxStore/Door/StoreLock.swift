import FluxFiles
import Glibc

/// The lock of a store, which several threads need; gone when all of them have ended.
final class SharedLock: Sendable {
    private let state: Guarded<(lock: StoreLock?, userCount: Int)>

    init(_ lock: StoreLock, userCount: Int) {
        state = Guarded((lock, userCount))
    }

    /// One of the users has ended.
    func leave() {
        state.withLock { state in
            state.userCount -= 1
            if state.userCount == 0 { state.lock = nil }
        }
    }
}

/// The lock that keeps a second writer out; gone when the value goes, or the process dies.
struct StoreLock {
    static let fileName = "LOCK"

    private let file: PosixFile

    /// Whether a writer has the store at `path` open.
    static func isHeld(_ path: String, files: some FileSystem) -> Bool {
        // Without a file there is no lock.
        let file = try? files.open("\(path)/\(fileName)", .read)
        return (try? file?.isLockedByOther()) ?? false
    }

    /// Takes the lock of the store at `path`, or throws `locked` with the owner's words.
    init(_ path: String, files: PosixFileSystem) throws(StoreError) {
        let lockPath = "\(path)/\(Self.fileName)"
        let isTaken: Bool
        do throws(IOError) {
            file = try files.open(lockPath, .createIfMissing)
            isTaken = try file.tryLock()
        } catch {
            throw StoreError(error)
        }
        guard isTaken else {
            // The owner's words are for a person; without them the message is as true.
            let words = (try? file.read(byteCount: 256, at: 0)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let owner = words.split(separator: "\n").first ?? "another process"
            throw StoreError(
                .locked, "\(path): is open for writing by \(owner); open it read-only, or wait until it is closed")
        }
        // Words for a person; a full disk is no reason not to hold the lock.
        try? file.truncate(to: 0)
        try? file.write(Array("pid \(getpid())\n".utf8), at: 0)
    }
}
