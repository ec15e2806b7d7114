import FluxFiles
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@Suite("Names after a loss of power")
struct CrashedNamesTests {
    private let disk = SimulatedDisk(directories: ["d", "e"])

    @Test("A file that was synced may vanish as long as its directory was not")
    func created() throws {
        try disk.make("d/a", [7])
        #expect(disk.pathSets(.lost) == [[]])
        #expect(disk.pathSets(.kept) == [["d/a"]])
        #expect(disk.pathSets(.eachAtRandom) == [[], ["d/a"]])
        #expect(disk.pathSets(.inOrder) == [[], ["d/a"]])
        try disk.fileSystem.syncDirectory("e")
        #expect(disk.pathSets(.lost) == [[]])
        try disk.fileSystem.syncDirectory("d")
        for names in CrashMode.Names.allCases { #expect(disk.pathSets(names) == [["d/a"]]) }
    }

    @Test("A name may survive without the bytes")
    func nameWithoutBytes() throws {
        try disk.open("d/a", .create).write([1, 2, 3], at: 0)
        #expect(disk.images(CrashMode(.nothing, names: .kept)).allSatisfy { $0 == [] })
        #expect(disk.images(CrashMode(.everything, names: .lost)).allSatisfy { $0 == nil })
    }

    @Test("A rename is whole or not at all, and what it replaces comes back with it")
    func renamed() throws {
        disk.put([1], at: "d/a")
        disk.put([2], at: "d/b")
        try disk.fileSystem.rename("d/a", to: "d/b")
        #expect(disk.contents == ["d/b": [1]])
        for names in CrashMode.Names.allCases {
            for seed in 0..<20 as Range<UInt64> {
                var generator = SeededGenerator(seed: seed)
                let left = disk.crashed(CrashMode(.nothing, names: names), using: &generator).contents
                #expect(left == ["d/b": [1]] || left == ["d/a": [1], "d/b": [2]])
                if names == .kept { #expect(left.count == 1) }
                if names == .lost { #expect(left.count == 2) }
            }
        }
    }

    @Test("At random, a file that was made and renamed has no name, the first, or the second, and never both")
    func madeAndRenamed() throws {
        try disk.make("d/a", [1])
        try disk.fileSystem.rename("d/a", to: "d/b")
        try disk.fileSystem.rename("d/b", to: "e/c")
        #expect(disk.pathSets(.eachAtRandom) == [[], ["d/a"], ["d/b"], ["e/c"]])
    }

    @Test("At random, changes of different files survive apart; in order, only what came before")
    func order() throws {
        try disk.make("d/a", [1])
        try disk.make("d/b", [2])
        #expect(disk.pathSets(.eachAtRandom) == [[], ["d/a"], ["d/b"], ["d/a", "d/b"]])
        #expect(disk.pathSets(.inOrder) == [[], ["d/a"], ["d/a", "d/b"]])
    }

    @Test("With torn bytes, names in order end at the same moment as the bytes")
    func sameMoment() throws {
        disk.put([0], at: "d/a")
        let file = try disk.open("d/a")
        try file.write([1], at: 0)
        try disk.make("d/b", [])
        try file.write([2], at: 0)
        var found: Set<[UInt8]> = []
        for seed in 0..<200 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let left = disk.crashed(CrashMode(.tornPrefix, names: .inOrder), using: &generator)
            let value = try #require(left.bytes(of: "d/a")).first ?? 0
            found.insert([value, left.bytes(of: "d/b") == nil ? 0 : 1])
        }
        // The second write follows the name, and the first comes before it.
        #expect(found == [[0, 0], [1, 0], [1, 1], [2, 1]])
    }

    @Test("A removed file comes back unless its directory was synced, and an open file stays readable without a name")
    func removed() throws {
        disk.put([9], at: "d/a")
        let file = try disk.open("d/a")
        try disk.fileSystem.remove("d/a")
        #expect(try file.read(byteCount: 1, at: 0) == [9])
        #expect(try disk.fileSystem.kind(of: "d/a") == nil)
        #expect(disk.pathSets(.lost) == [["d/a"]])
        #expect(disk.pathSets(.kept) == [[]])
        try disk.fileSystem.syncDirectory("d")
        for names in CrashMode.Names.allCases { #expect(disk.pathSets(names) == [[]]) }
    }

    @Test("An open file stays the same file through a rename, and a name can be given again")
    func openThroughRename() throws {
        disk.put([1], at: "d/a")
        let file = try disk.open("d/a")
        try disk.fileSystem.rename("d/a", to: "e/b")
        try disk.make("d/a", [5])
        try file.write([2], at: 0)
        #expect(disk.contents == ["d/a": [5], "e/b": [2]])
    }

    @Test("A directory whose parent was not synced vanishes with everything in it")
    func directories() throws {
        try disk.fileSystem.makeDirectory("d/sub")
        try disk.make("d/sub/a", [1])
        try disk.fileSystem.syncDirectory("d/sub")
        #expect(disk.pathSets(.lost) == [[]])
        try disk.fileSystem.syncDirectory("d")
        #expect(disk.pathSets(.lost) == [["d/sub/a"]])
    }

    @Test("Syncing one of two directories makes a rename between them durable in both, with what came before")
    func renameBetweenDirectories() throws {
        try disk.make("d/a", [1])
        try disk.fileSystem.rename("d/a", to: "e/a")
        try disk.make("d/b", [2])
        try disk.fileSystem.syncDirectory("e")
        #expect(disk.pathSets(.eachAtRandom) == [["e/a"], ["d/b", "e/a"]])
    }

    @Test("Absolute and relative paths, and dots, name the same")
    func spellings() throws {
        try disk.make("./d//a", [1])
        try disk.fileSystem.syncDirectory(".")
        #expect(disk.bytes(of: "/d/a") == [1])
        #expect(try disk.fileSystem.list("/") == ["d", "e"])
    }

    @Test("Two names of a file are one file: each may vanish, and the file goes with the last")
    func linked() throws {
        disk.capacityByteCount = 4096
        disk.put([1], at: "d/a")
        let files = disk.fileSystem
        try files.link("d/a", to: "e/b")
        #expect(disk.contents == ["d/a": [1], "e/b": [1]])
        #expect(disk.pathSets(.eachAtRandom) == [["d/a"], ["d/a", "e/b"]])
        #expect(throws: IOError("link to e/b", "d/a", number: EEXIST)) { try files.link("d/a", to: "e/b") }
        #expect(throws: IOError("link to e/b", "d/x", number: ENOENT)) { try files.link("d/x", to: "e/b") }
        #expect(throws: IOError("link to e/c", "d", number: EPERM)) { try files.link("d", to: "e/c") }
        try disk.open("e/b").write([2], at: 0)
        #expect(disk.contents == ["d/a": [2], "e/b": [2]])
        // A name of the same file is not replaced.
        try files.rename("d/a", to: "e/b")
        #expect(disk.paths == ["d/a", "e/b"])
        try files.remove("d/a")
        #expect(disk.usedByteCount == 4096)
        try files.remove("e/b")
        #expect(disk.usedByteCount == 0)
    }
}
