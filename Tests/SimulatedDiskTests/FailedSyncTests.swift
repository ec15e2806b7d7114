import FluxFiles
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@Suite("Syncs that fail as file systems do")
struct FailedSyncTests {
    private let disk = SimulatedDisk.withFile(sectorCount: 3)

    private func values(_ bytes: [UInt8]?) throws -> [UInt8?] { sectorValues(try #require(bytes)) }

    @Test("The error comes once, the new content stays in clean pages, and later syncs write none of it")
    func keepsNewContent() throws {
        let file = try disk.open()
        disk.faults = [Fault([.sync], .sync(.keepsNewContent))]
        try file.fill(2..<4, with: 2)
        #expect(throws: IOError("sync", "d/a", number: EIO)) { try file.sync() }
        #expect(try values(disk.bytes(of: "d/a")) == [1, 1, 2, 2])
        try file.fill(0..<1, with: 3)
        try file.sync()
        // The size is metadata, and durable with the next sync; the bytes are not.
        #expect(try values(disk.durableBytes(of: "d/a")) == [3, 1, 1, 0])
        #expect(try values(disk.bytes(of: "d/a")) == [3, 1, 2, 2])
        for image in disk.images(CrashMode(.everything, names: .kept)) { #expect(try values(image) == [3, 1, 1, 0]) }
        file.dropCache()
        #expect(try values(disk.bytes(of: "d/a")) == [3, 1, 1, 0])
    }

    @Test("A page that is written again after a failed sync is dirty again, and the next sync writes all of its sector")
    func writtenAgain() throws {
        let file = try disk.open()
        disk.faults = [Fault([.sync], .sync(.keepsNewContent))]
        try file.fill(0..<2, with: 2)
        #expect(throws: IOError.self) { try file.sync() }
        try file.write([2], at: 9)
        try file.sync()
        #expect(try values(disk.durableBytes(of: "d/a")) == [2, 1, 1])
    }

    @Test("The error comes once, and the page cache falls back to the old content")
    func restoresOldContent() throws {
        let file = try disk.open()
        disk.faults = [Fault([.sync], .sync(.restoresOldContent))]
        try file.fill(2..<4, with: 2)
        #expect(throws: IOError("sync", "d/a", number: EIO)) { try file.sync() }
        #expect(try values(disk.bytes(of: "d/a")) == [1, 1, 1])
        try file.sync()
        #expect(try values(disk.durableBytes(of: "d/a")) == [1, 1, 1])
    }

    @Test(
        "The sync that fails says nothing, and the next one of the file reports it, to a later process too, but not after a crash"
    )
    func reportedLater() throws {
        disk.put([1], at: "d/b")
        disk.faults = [Fault([.sync], .sync(.reportedLater))]
        do {
            let file = try disk.open()
            try file.fill(0..<1, with: 2)
            try file.sync()
        }
        #expect(try values(disk.bytes(of: "d/a")) == [2, 1, 1])
        #expect(try values(disk.durableBytes(of: "d/a")) == [1, 1, 1])
        var generator = SeededGenerator(seed: 0)
        try disk.crashed(CrashMode(.nothing, names: .kept), using: &generator).open().sync()
        let left = disk.killed()
        try left.open("d/b").sync()
        let file = try left.open()
        try file.fill(1..<2, with: 3)
        #expect(throws: IOError("sync", "d/a", number: EIO)) { try file.sync() }
        #expect(try values(left.durableBytes(of: "d/a")) == [1, 1, 1])
        try file.sync()
        #expect(try values(left.durableBytes(of: "d/a")) == [1, 3, 1])
    }

    @Test("A sync that lies succeeds, and a crash loses or keeps what it should have made durable")
    func lies() throws {
        disk.faults = [Fault([.sync, .syncDirectory], .sync(.lies), isLasting: true)]
        let file = try disk.open()
        try file.fill(0..<1, with: 2)
        try disk.make("d/b", [1])
        try file.sync()
        try disk.fileSystem.syncDirectory("d")
        file.dropCache()
        #expect(try values(disk.bytes(of: "d/a")) == [2, 1, 1])
        #expect(disk.pathSets(.lost) == [["d/a"]])
        for image in disk.images(CrashMode(.nothing, names: .kept)) { #expect(try values(image) == [1, 1, 1]) }
        for image in disk.images(CrashMode(.everything, names: .kept)) { #expect(try values(image) == [2, 1, 1]) }
    }

    @Test("A sync of a directory that fails makes no name durable, and can be tried again")
    func directory() throws {
        disk.faults = [Fault([.syncDirectory], .sync(.keepsNewContent))]
        try disk.make("d/b", [1])
        #expect(throws: IOError("sync", "d", number: EIO)) { try disk.fileSystem.syncDirectory("d") }
        #expect(disk.pathSets(.lost) == [["d/a"]])
        try disk.fileSystem.syncDirectory("d")
        #expect(disk.pathSets(.lost) == [["d/a", "d/b"]])
    }
}
