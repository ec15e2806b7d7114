import FluxFiles
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@Suite("Calls that fail")
struct FaultTests {
    private let disk = SimulatedDisk.withFile(sectorCount: 1)

    @Test("The n-th call of a kind fails, once or from there on", arguments: [false, true])
    func nth(isLasting: Bool) throws {
        let file = try disk.open()
        disk.faults = [Fault([.write, .truncate], after: 1, .error(EIO), isLasting: isLasting)]
        try file.write([2], at: 0)
        try file.sync()
        #expect(throws: IOError("write at 1", "d/a", number: EIO)) { try file.write([3], at: 1) }
        #expect(disk.bytes(of: "d/a")?.prefix(2) == [2, 1])
        if isLasting {
            #expect(throws: IOError.self) { try file.truncate(to: 0) }
        } else {
            try file.truncate(to: 0)
        }
        #expect(disk.faultCount == (isLasting ? 2 : 1))
    }

    @Test("Every kind of call can fail", arguments: Operation.Kind.allCases.filter { $0 != .dropCache })
    func everyKind(kind: Operation.Kind) throws {
        let file = try disk.open()
        let files = disk.fileSystem
        disk.faults = [Fault([kind], .error(EDQUOT))]
        let before = disk.contents
        #expect {
            switch kind {
            case .open: _ = try files.open("d/a", .read)
            case .create: _ = try files.open("d/new", .create)
            case .list: _ = try files.list("d")
            case .look: _ = try file.byteCount()
            case .read: _ = try file.read(byteCount: 1, at: 0)
            case .lock: _ = try file.tryLock()
            case .dropCache: file.dropCache()
            case .makeDirectory: try files.makeDirectory("d/sub")
            case .rename: try files.rename("d/a", to: "d/b")
            case .link: try files.link("d/a", to: "d/b")
            case .remove: try files.remove("d/a")
            case .syncDirectory: try files.syncDirectory("d")
            case .write: try file.write([9], at: 0)
            case .sync: try file.sync()
            case .truncate: try file.truncate(to: 0)
            case .allocate: _ = try file.allocate(9999)
            }
        } throws: {
            ($0 as? IOError)?.number == EDQUOT
        }
        #expect(disk.contents == before)
        #expect(try files.kind(of: "d/sub") == nil)
    }

    @Test("A fault waits for its path")
    func path() throws {
        disk.put([1], at: "d/b")
        disk.faults = [Fault([.write], .error(EIO), on: "/b")]
        try disk.open().write([2], at: 0)
        let other = try disk.open("d/b")
        #expect(throws: IOError.self) { try other.write([2], at: 0) }
    }

    @Test("A short write leaves its first bytes")
    func shortWrite() throws {
        let file = try disk.open()
        disk.faults = [Fault([.write], .shortWrite(byteCount: 3, EIO))]
        #expect(throws: IOError("write at 511", "d/a", number: EIO)) { try file.write([5, 6, 7, 8], at: 511) }
        #expect(disk.bytes(of: "d/a")?.suffix(3) == [5, 6, 7])
    }

    @Test("A full disk takes what fits in whole blocks, and room comes back with what is cut, removed or replaced")
    func capacity() throws {
        disk.capacityByteCount = 3 * 4096
        let file = try disk.open()
        #expect(disk.usedByteCount == 4096)
        let other = try disk.open("d/b", .create)
        #expect(try other.allocate(8192))
        #expect(throws: IOError("write at 4090", "d/a", number: ENOSPC)) {
            try file.write([UInt8](repeating: 7, count: 10), at: 4090)
        }
        #expect(try file.byteCount() == 4096)
        #expect(throws: IOError("reserve 4097 bytes", "d/a", number: ENOSPC)) { try file.allocate(4097) }
        try other.write([1], at: 8191)
        try other.truncate(to: 4096)
        #expect(try file.allocate(8192))
        #expect(throws: IOError.self) { try file.write([1], at: 8192) }
        try disk.fileSystem.remove("d/b")
        try file.write([1], at: 8192)
        try disk.make("d/c", [])
        try disk.fileSystem.rename("d/c", to: "d/a")
        #expect(disk.usedByteCount == 0)
        let third = try disk.open("d/a")
        try third.write([1], at: 3 * 4096 - 1)
        #expect(disk.copy.capacityByteCount == 3 * 4096)
        disk.capacityByteCount = 0
        try third.write([2], at: 100)
        #expect(throws: IOError.self) { try third.write([2], at: 3 * 4096) }
    }

    @Test("Reads that touch a bad place fail, also under another name and after a crash")
    func badPlace() throws {
        disk.failReads(in: 100..<101, of: "d/a")
        try disk.fileSystem.rename("d/a", to: "d/b")
        var generator = SeededGenerator(seed: 0)
        for disk in [disk, disk.crashed(CrashMode(.everything, names: .kept), using: &generator)] {
            let file = try disk.open("d/b")
            #expect(try file.read(byteCount: 100, at: 0).count == 100)
            #expect(throws: IOError("read at 50", "d/b", number: EIO)) { try file.read(byteCount: 51, at: 50) }
            disk.healReads(of: "d/b")
            #expect(try file.read(byteCount: 51, at: 50).count == 51)
        }
    }

    @Test("A disk that stops has done so many mutating calls, and refuses every call from there on")
    func stops() throws {
        func run(_ disk: SimulatedDisk) throws {
            let file = try disk.open("d/b", .create)
            try file.write([1], at: 0)
            _ = try file.byteCount()
            try file.sync()
            try disk.fileSystem.syncDirectory("d")
        }
        try run(disk)
        #expect(disk.operationCount == 4 && !disk.hasStopped)
        for count in 0..<4 {
            let other = SimulatedDisk.withFile(sectorCount: 1)
            other.stopAt = count
            #expect {
                try run(other)
            } throws: {
                ($0 as? IOError)?.number == EIO && ($0 as? IOError)?.operation == "crash"
            }
            #expect(other.hasStopped && other.operationCount == count)
            #expect((other.bytes(of: "d/b") != nil) == (count > 0))
            #expect((other.durableBytes(of: "d/b") == [1]) == (count > 2))
            #expect(throws: IOError.self) { try other.fileSystem.list("d") }
        }
    }

    @Test("The trace tells every call, its bytes and its fault")
    func trace() throws {
        disk.faults = [Fault([.sync], .error(EIO))]
        let file = try disk.open("d/b", .create)
        try file.write([1, 2], at: 7)
        _ = try file.read(byteCount: 3, at: 1)
        #expect(throws: IOError.self) { try file.sync() }
        let lines = [
            "     1 create        d/b", "     2 write         d/b 7+2", "     - read          d/b 1+3",
            "     3 sync          d/b fails with 5",
        ]
        #expect(disk.trace.description == lines.joined(separator: "\n"))
        #expect(disk.trace.operations.map(\.kind) == [.create, .write, .read, .sync])
        disk.isTraced = false
        try file.sync()
        #expect(disk.trace.operations.count == 4 && disk.operationCount == 4)
    }
}
