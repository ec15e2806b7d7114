import FluxFiles
import Glibc
import Testing

/// Files in memory, and calls that fail when a test says so.
///
/// `@unchecked Sendable`: each test uses its disk from one task.
final class MemoryDisk: @unchecked Sendable {
    /// The calls that can fail.
    enum Call { case open, read, write, sync, truncate }

    /// Which call fails, and how.
    struct Failure {
        var call: Call
        /// Calls of the kind that still succeed.
        var successCount: Int
        var number: Int32
        /// Bytes that a failing write leaves.
        var writtenByteCount = 0
        /// Whether the calls behind it fail as well.
        var isLasting = false
        /// Calls of other kinds that fail as soon as one of the first kind would.
        var others: Set<Call> = []
    }

    /// The bytes of a file, which an open file keeps through a new name.
    final class Node {
        var bytes: [UInt8] = []
    }

    private(set) var nodes: [String: Node] = [:]
    private(set) var directories: Set<String> = []
    var failure: Failure?
    private(set) var hasFailed = false

    init(directories: Set<String> = ["store", "store/seg"]) {
        self.directories = directories
    }

    /// The bytes of all files by their paths.
    var contents: [String: [UInt8]] {
        get { nodes.mapValues(\.bytes) }
        set {
            nodes = newValue.mapValues { bytes in
                let node = Node()
                node.bytes = bytes
                return node
            }
        }
    }

    /// A disk with the same files, which does not fail.
    var copy: MemoryDisk {
        let disk = MemoryDisk(directories: directories)
        disk.contents = contents
        return disk
    }

    /// Fails the call if it is its turn; returns the bytes that a failing write leaves.
    fileprivate func fail(_ call: Call, _ operation: String, _ path: String) -> (IOError, Int)? {
        guard var next = failure, next.call == call || next.others.contains(call) && next.successCount == 0 else {
            return nil
        }
        guard next.successCount == 0 else {
            next.successCount -= 1
            failure = next
            return nil
        }
        hasFailed = true
        if !next.isLasting { failure = nil }
        return (IOError(operation, path, number: next.number), next.writtenByteCount)
    }

    fileprivate func addDirectory(_ path: String) { directories.insert(path) }

    fileprivate func node(_ path: String, _ access: FileAccess) throws(IOError) -> Node {
        if let (error, _) = fail(.open, "open", path) { throw error }
        if let node = nodes[path] {
            guard access != .create else { throw IOError("open", path, number: EEXIST) }
            return node
        }
        guard access == .create || access == .createIfMissing else { throw IOError("open", path, number: ENOENT) }
        let node = Node()
        nodes[path] = node
        return node
    }

    fileprivate func link(_ source: String, to target: String) { nodes[target] = nodes[source] }
    fileprivate func move(_ source: String, to target: String) { nodes[target] = nodes.removeValue(forKey: source) }
    fileprivate func forget(_ path: String) { nodes[path] = nil }
}

/// A ``MemoryDisk`` behind the store's seam.
struct MemoryFileSystem: FileSystem {
    let disk: MemoryDisk

    func open(_ path: String, _ access: FileAccess) throws(IOError) -> MemoryFile {
        MemoryFile(path: path, node: try disk.node(path, access), disk: disk)
    }

    func list(_ directory: String) throws(IOError) -> [String] {
        disk.nodes.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }
            .sorted()
    }

    func makeDirectory(_ path: String) throws(IOError) { disk.addDirectory(path) }

    func kind(of path: String) throws(IOError) -> FileKind? {
        disk.nodes[path] != nil ? .file : disk.directories.contains(path) ? .directory : nil
    }

    func link(_ source: String, to target: String) throws(IOError) { disk.link(source, to: target) }
    func rename(_ source: String, to target: String) throws(IOError) { disk.move(source, to: target) }
    func remove(_ path: String) throws(IOError) { disk.forget(path) }

    func syncDirectory(_ path: String) throws(IOError) {
        if let (error, _) = disk.fail(.sync, "sync", path) { throw error }
    }
}

/// An open file of a ``MemoryDisk``.
///
/// `@unchecked Sendable`: as its disk.
final class MemoryFile: StoredFile, @unchecked Sendable {
    let path: String
    private let node: MemoryDisk.Node
    private let disk: MemoryDisk

    init(path: String, node: MemoryDisk.Node, disk: MemoryDisk) {
        self.path = path
        self.node = node
        self.disk = disk
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        if let (error, _) = disk.fail(.read, "read at \(offset)", path) { throw error }
        let count = max(0, min(buffer.count, node.bytes.count - offset))
        guard count > 0 else { return 0 }
        node.bytes.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[offset..<offset + count])) }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(IOError) {
        if let (error, count) = disk.fail(.write, "write at \(offset)", path) {
            store(.init(rebasing: bytes.prefix(count)), at: offset)
            throw error
        }
        store(bytes, at: offset)
    }

    private func store(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let missing = offset + bytes.count - node.bytes.count
        if missing > 0 { node.bytes.append(contentsOf: repeatElement(0, count: missing)) }
        node.bytes.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }

    func sync() throws(IOError) {
        if let (error, _) = disk.fail(.sync, "sync", path) { throw error }
    }

    func truncate(to byteCount: Int) throws(IOError) {
        if let (error, _) = disk.fail(.truncate, "cut at \(byteCount)", path) { throw error }
        let missing = byteCount - node.bytes.count
        if missing > 0 { node.bytes.append(contentsOf: repeatElement(0, count: missing)) }
        node.bytes.removeLast(node.bytes.count - byteCount)
    }

    func byteCount() throws(IOError) -> Int { node.bytes.count }

    func allocate(_ byteCount: Int) throws(IOError) -> Bool {
        if node.bytes.count < byteCount { try truncate(to: byteCount) }
        return true
    }

    func dropCache() {}
    func tryLock() throws(IOError) -> Bool { true }
    func isLockedByOther() throws(IOError) -> Bool { false }
}
