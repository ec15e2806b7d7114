import FluxFiles
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@Suite("Simulated files behave as files")
struct SeamTests {
    private let disk = SimulatedDisk.withFile(sectorCount: 1)

    @Test("Opening makes a file or not, as the access says")
    func access() throws {
        let files = disk.fileSystem
        #expect(throws: IOError("open", "d/x", number: ENOENT)) { try files.open("d/x", .read) }
        #expect(throws: IOError("open", "d/x", number: ENOENT)) { try files.open("d/x", .readWrite) }
        #expect(throws: IOError("open", "x/x", number: ENOENT)) { try files.open("x/x", .create) }
        #expect(throws: IOError("open", "d/a", number: EEXIST)) { try files.open("d/a", .create) }
        #expect(throws: IOError("open", "d", number: EISDIR)) { try files.open("d", .read) }
        _ = try files.open("d/x", .createIfMissing)
        _ = try files.open("d/a", .createIfMissing)
        #expect(try files.list("d") == ["a", "x"])
        #expect(disk.bytes(of: "d/a")?.count == 512)
    }

    @Test("A file opened to read takes no bytes")
    func readOnly() throws {
        let file = try disk.open("d/a", .read)
        #expect(throws: IOError("write at 0", "d/a", number: EBADF)) { try file.write([1], at: 0) }
        #expect(throws: IOError.self) { try file.truncate(to: 0) }
        #expect(throws: IOError.self) { try file.allocate(1) }
    }

    @Test("Reads end where the file ends, and a hole reads as zeros")
    func readsAndHoles() throws {
        let file = try disk.open()
        #expect(try file.read(byteCount: 9, at: 510) == [1, 1])
        #expect(try file.read(byteCount: 9, at: 600) == [])
        try file.write([5], at: 1000)
        #expect(try file.byteCount() == 1001)
        #expect(try file.read(byteCount: 500, at: 511) == [1] + [UInt8](repeating: 0, count: 488) + [5])
        try file.sync()
        #expect(disk.durableBytes(of: "d/a") == disk.bytes(of: "d/a"))
    }

    @Test("Truncating cuts, and grows with zeros; what was cut does not come back")
    func truncate() throws {
        let file = try disk.open()
        try file.truncate(to: 2)
        try file.truncate(to: 4)
        #expect(disk.bytes(of: "d/a") == [1, 1, 0, 0])
        try file.sync()
        #expect(disk.durableBytes(of: "d/a") == [1, 1, 0, 0])
    }

    @Test("Allocating makes a file longer and never shorter, or changes nothing where the disk cannot")
    func allocate() throws {
        let file = try disk.open()
        #expect(try file.allocate(100))
        #expect(try file.byteCount() == 512)
        #expect(try file.allocate(600))
        #expect(try file.byteCount() == 600)
        disk.canAllocate = false
        #expect(try !file.allocate(4096))
        #expect(try file.byteCount() == 600)
    }

    @Test("Names that are not there fail with the numbers that files have")
    func names() throws {
        let files = disk.fileSystem
        try files.remove("d/none")
        try files.makeDirectory("d")
        #expect(try files.kind(of: "d/a") == .file)
        #expect(try files.kind(of: "d") == .directory)
        #expect(throws: IOError("list", "x", number: ENOENT)) { try files.list("x") }
        #expect(throws: IOError("list", "d/a", number: ENOTDIR)) { try files.list("d/a") }
        #expect(throws: IOError("make the directory", "d/a", number: EEXIST)) { try files.makeDirectory("d/a") }
        #expect(throws: IOError("make the directory", "x/y", number: ENOENT)) { try files.makeDirectory("x/y") }
        #expect(throws: IOError("rename to d/b", "d/x", number: ENOENT)) { try files.rename("d/x", to: "d/b") }
        #expect(throws: IOError("rename to x/b", "d/a", number: ENOENT)) { try files.rename("d/a", to: "x/b") }
        #expect(throws: IOError("remove", "d", number: EISDIR)) { try files.remove("d") }
        #expect(throws: IOError("sync", "x", number: ENOENT)) { try files.syncDirectory("x") }
    }

    @Test("One open file has the lock; it goes with the file, and with a crash or a kill")
    func locks() throws {
        var first: SimulatedFile? = try disk.open()
        let second = try disk.open()
        #expect(try first?.tryLock() == true)
        #expect(try first?.tryLock() == true)
        #expect(try second.tryLock() == false)
        #expect(try second.isLockedByOther())
        #expect(try first?.isLockedByOther() == false)
        #expect(try disk.killed().open().tryLock())
        var generator = SeededGenerator(seed: 0)
        #expect(try disk.crashed(CrashMode(.nothing, names: .kept), using: &generator).open().tryLock())
        first = nil
        #expect(try !second.isLockedByOther())
        #expect(try second.tryLock())
    }

    @Test("A copy and its origin go apart")
    func copies() throws {
        let copy = disk.copy
        try copy.open().fill(0..<1, with: 3)
        #expect(disk.bytes(of: "d/a")?.first == 1)
        try disk.fileSystem.remove("d/a")
        #expect(copy.bytes(of: "d/a")?.first == 3)
        #expect(copy.trace.operations.count == 2)
    }
}
