import FluxFiles
import SimulatedDisk
import TestSupport
import Testing

@Suite("Bytes after a loss of power")
struct CrashedBytesTests {
    private func images(_ bytes: CrashMode.Bytes, _ disk: SimulatedDisk) throws -> [[UInt8]] {
        try disk.images(CrashMode(bytes, names: .kept)).map { try #require($0) }
    }

    @Test("Synced bytes and sizes survive every mode", arguments: CrashMode.allCases)
    func syncedSurvives(mode: CrashMode) throws {
        let disk = SimulatedDisk.withFile()
        let file = try disk.open()
        try file.fill(8..<14, with: 2)
        #expect(try file.allocate(20 * SimulatedDisk.sector))
        try file.sync()
        let expected = disk.bytes(of: "d/a")
        #expect(disk.durableBytes(of: "d/a") == expected)
        #expect(disk.images(mode, seeds: 0..<20).allSatisfy { $0 == expected })
    }

    @Test("Of nothing, the old bytes are left; of everything, the new ones; and closing syncs nothing")
    func nothingAndEverything() throws {
        let disk = SimulatedDisk.withFile()
        let old = try #require(disk.bytes(of: "d/a"))
        try disk.open().fill(8..<12, with: 2)
        let new = try #require(disk.bytes(of: "d/a"))
        #expect(disk.durableBytes(of: "d/a") == old)
        #expect(try images(.nothing, disk).allSatisfy { $0 == old })
        #expect(try images(.everything, disk).allSatisfy { $0 == new })
    }

    @Test("At random, each sector is old or new, all of both are met, and so are grown and old sizes")
    func randomSectors() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 4)
        try disk.open().fill(1..<6, with: 2)
        let images = try images(.randomSectors, disk)
        for image in images {
            let values = sectorValues(image)
            #expect(values[0] == 1)
            #expect(values[1..<4].allSatisfy { $0 == 1 || $0 == 2 })
            #expect(values.count == 4 || values.count == 6)
            #expect(values.dropFirst(4).allSatisfy { $0 == 0 || $0 == 2 })
        }
        // Three sectors within the old size, and with the new size two more.
        #expect(Set(images.map(sectorValues)).count == 8 + 32)
    }

    @Test("At random, a sector that was written twice can have what the first write left")
    func earlierVersions() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 1)
        let file = try disk.open()
        try file.fill(0..<1, with: 2)
        try file.fill(0..<1, with: 3)
        #expect(Set(try images(.randomSectors, disk).map(sectorValues)) == [[1], [2], [3]])
    }

    @Test("All sectors but one survive, and each is once the one")
    func allButOne() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 4)
        try disk.open().fill(2..<7, with: 2)
        let images = Set(try images(.allButOneSector, disk).map(sectorValues))
        #expect(images.count == 5)
        for values in images {
            #expect(values.count == 7 && values.filter { $0 == 2 }.count == 4)
            #expect(values[2..<7].first { $0 != 2 } == (values[2..<4].allSatisfy { $0 == 2 } ? 0 : 1))
        }
    }

    @Test("Only one sector survives, with the size, and each is once the one")
    func onlyOne() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 4)
        try disk.open().fill(2..<7, with: 2)
        let images = Set(try images(.onlyOneSector, disk).map(sectorValues))
        #expect(images.count == 5)
        #expect(images.allSatisfy { $0.count == 7 && $0.filter { $0 == 2 }.count == 1 })
    }

    @Test("Of all files together, one sector is lost, or survives")
    func oneSectorOfAllFiles() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 2)
        disk.put([UInt8](repeating: 1, count: 1024), at: "d/b")
        try disk.open("d/a").fill(0..<2, with: 2)
        try disk.open("d/b").fill(0..<2, with: 2)
        for (mode, expected) in [(CrashMode.Bytes.allButOneSector, 3), (.onlyOneSector, 1)] {
            for seed in 0..<50 as Range<UInt64> {
                var generator = SeededGenerator(seed: seed)
                let left = disk.crashed(CrashMode(mode, names: .kept), using: &generator)
                #expect(left.contents.values.flatMap(sectorValues).filter { $0 == 2 }.count == expected)
            }
        }
    }

    @Test("Writes survive in order up to a torn one, whose torn sector mixes old and new bytes and no others")
    func tornPrefix() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 9)
        let file = try disk.open()
        for index in 0..<3 { try file.fill(3 * index..<3 * index + 3, with: UInt8(index + 2)) }
        var tornCount = 0
        for image in try images(.tornPrefix, disk) {
            let values = sectorValues(image)
            let position = values.firstIndex { $0 == nil || $0 == 1 } ?? 9
            #expect(values[..<position].elementsEqual((0..<position).map { UInt8($0 / 3 + 2) }))
            #expect(values.dropFirst(position + 1).allSatisfy { $0 == 1 })
            guard position < 9, values[position] == nil else { continue }
            tornCount += 1
            let sector = image[position * 512..<(position + 1) * 512]
            #expect(Set(sector) == [1, UInt8(position / 3 + 2)])
        }
        #expect(tornCount > 150)
    }

    @Test("A torn sector is met with the new bytes in front, behind, within and around")
    func tearShapes() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 1)
        try disk.open().fill(0..<1, with: 2)
        let shapes = Set(
            try images(.tornPrefix, disk).map { image in
                image.reduce(into: [UInt8]()) { if $0.last != $1 { $0.append($1) } }
            })
        #expect(shapes.isSuperset(of: [[1, 2], [2, 1], [1, 2, 1], [2, 1, 2]]))
    }

    @Test("A torn write that makes the file longer leaves the old size, the new one, or one that ends in the write")
    func tornGrowth() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 1)
        try disk.open().fill(1..<4, with: 2)
        let counts = Set(try images(.tornPrefix, disk).map { $0.count / 512 })
        #expect(counts == [1, 2, 3, 4])
        let other = SimulatedDisk.withFile(sectorCount: 2)
        try other.open().fill(0..<4, with: 2)
        #expect(Set(try images(.tornPrefix, other).map { $0.count / 512 }) == [2, 3, 4])
    }

    @Test("Grown as zeros, the size is new and what was added is zeros; not grown, it is old")
    func growth() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 3)
        try disk.open().fill(2..<6, with: 2)
        #expect(try images(.grownAsZeros, disk).allSatisfy { sectorValues($0) == [1, 1, 2, 0, 0, 0] })
        #expect(try images(.notGrown, disk).allSatisfy { sectorValues($0) == [1, 1, 2] })
    }

    @Test("A cut is lost or kept whole; what was written behind a lost cut does not survive it")
    func cuts() throws {
        let disk = SimulatedDisk.withFile(sectorCount: 4)
        let file = try disk.open()
        try file.truncate(to: 512)
        try file.fill(1..<3, with: 2)
        #expect(try images(.nothing, disk).allSatisfy { sectorValues($0) == [1, 1, 1, 1] })
        #expect(try images(.everything, disk).allSatisfy { sectorValues($0) == [1, 2, 2] })
        let images = Set(try images(.randomSectors, disk).map(sectorValues))
        #expect(images == [[1, 1, 1, 1], [1], [1, 0, 0], [1, 2, 0], [1, 0, 2], [1, 2, 2]])
    }

    @Test("Killed, a process leaves its page cache, and what it wrote can still be synced")
    func killed() throws {
        let disk = SimulatedDisk.withFile()
        try disk.open().fill(8..<12, with: 2)
        let left = disk.killed()
        #expect(left.contents == disk.contents)
        #expect(left.durableBytes(of: "d/a") == disk.durableBytes(of: "d/a"))
        try left.open().sync()
        #expect(left.durableBytes(of: "d/a") == disk.bytes(of: "d/a"))
        #expect(disk.durableBytes(of: "d/a") != disk.bytes(of: "d/a"))
    }

    @Test("The same seed leaves the same, whatever the mode", arguments: CrashMode.allCases)
    func deterministic(mode: CrashMode) throws {
        let disk = SimulatedDisk.withFile()
        try disk.open().fill(3..<30, with: 2)
        try disk.make("d/b", [1, 2, 3])
        try disk.fileSystem.rename("d/b", to: "d/c")
        for seed in 0..<10 as Range<UInt64> {
            var (first, second) = (SeededGenerator(seed: seed), SeededGenerator(seed: seed))
            let left = disk.crashed(mode, using: &first)
            #expect(left.contents == disk.copy.crashed(mode, using: &second).contents)
            #expect(left.crashed(CrashMode(.nothing, names: .lost), using: &first).contents == left.contents)
        }
    }
}
