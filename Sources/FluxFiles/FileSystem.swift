/// Every call of the store that touches a disk.
///
/// A generic parameter of what uses it, so that tests put a simulated disk in its place at no cost.
package protocol FileSystem<File>: Sendable {
    associatedtype File: StoredFile

    /// Opens a file that exists, or makes it where the access says so.
    func open(_ path: String, _ access: FileAccess) throws(IOError) -> File

    /// Names of the entries of a directory, sorted.
    func list(_ directory: String) throws(IOError) -> [String]

    /// Makes one directory; does nothing where it exists.
    func makeDirectory(_ path: String) throws(IOError)

    /// What lies at a path; `nil` where nothing does.
    func kind(of path: String) throws(IOError) -> FileKind?

    /// Renames within a file system, replacing what has the new name.
    func rename(_ source: String, to target: String) throws(IOError)

    /// Gives a file a second name within a file system; fails where the name is taken. See ``IOError/isLinkRefused``.
    func link(_ source: String, to target: String) throws(IOError)

    /// Removes a name of a file; does nothing where there is none.
    func remove(_ path: String) throws(IOError)

    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(IOError)
}

/// How a file is opened.
package enum FileAccess: Sendable {
    case read
    case readWrite
    /// Makes the file; fails where it exists.
    case create
    /// Makes the file where it is missing.
    case createIfMissing
}

/// What lies at a path.
package enum FileKind: Sendable {
    case file
    case directory
    case other
}

/// An open file; closed when the last reference goes.
package protocol StoredFile: AnyObject, Sendable {
    var path: String { get }

    /// Reads at an offset until the buffer is full or the file ends; returns the bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int

    /// Reads at an offset what the system holds in memory, without waiting for a disk; returns the bytes read, which are
    /// fewer where the rest would have to be waited for, or the file ends.
    func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int

    /// Asks the system to read bytes into memory, and waits for none.
    func readAhead(_ range: Range<Int>)

    /// Lets the first so many bytes be read where they lie, if the system can. Nobody changes them or cuts them off any more.
    func map(_ byteCount: Int)

    /// What ``map(_:)`` made; `nil` without it, or where the system cannot.
    var mapping: MappedFile? { get }

    /// Writes all bytes at an offset. After an error some of them may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(IOError)

    /// Makes the file's bytes and size durable.
    func sync() throws(IOError)

    func truncate(to byteCount: Int) throws(IOError)
    func byteCount() throws(IOError) -> Int

    /// Reserves room up to a size, and makes the file that long where it is shorter; what is added reads as zeros.
    ///
    /// Returns `false` where the file system cannot reserve: then nothing has changed.
    func allocate(_ byteCount: Int) throws(IOError) -> Bool

    /// Asks for the file to be read from the disk again: pages that a failed sync left behind are not believed.
    func dropCache()

    /// Takes the file's lock without waiting; `false` where another open file has it.
    func tryLock() throws(IOError) -> Bool

    /// Whether another open file has the lock.
    func isLockedByOther() throws(IOError) -> Bool
}

/// What a file does that is in memory anyway.
extension StoredFile {
    package func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        try unsafe read(into: buffer, at: offset)
    }

    package func readAhead(_ range: Range<Int>) {}

    package func map(_ byteCount: Int) {}

    package var mapping: MappedFile? { nil }
}

extension StoredFile {
    /// Writes all bytes at an offset.
    package func write(_ bytes: [UInt8], at offset: Int) throws(IOError) {
        var failure: IOError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(IOError) {
                try unsafe write(buffer, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Reads at most `byteCount` bytes at an offset; fewer where the file ends.
    package func read(byteCount: Int, at offset: Int) throws(IOError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var failure: IOError?
        var readCount = 0
        unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(IOError) {
                readCount = try unsafe read(into: buffer, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        bytes.removeLast(byteCount - readCount)
        return bytes
    }
}
