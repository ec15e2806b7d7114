import FluxFiles
import SimulatedDisk
import TestSupport
import Testing

@Suite("A medium that goes bad")
struct MediaFaultTests {
    private let disk = SimulatedDisk.withFile(sectorCount: 4)

    @Test("One bit turns over, for readers and on the medium")
    func bit() throws {
        disk.flipBit(3, at: 700, of: "d/a")
        var expected = [UInt8](repeating: 1, count: 2048)
        expected[700] = 9
        #expect(disk.bytes(of: "d/a") == expected)
        #expect(disk.durableBytes(of: "d/a") == expected)
    }

    @Test("Dirty pages hide the medium until they are lost")
    func dirtyPages() throws {
        try disk.open().fill(1..<2, with: 2)
        disk.flipBit(at: 700, of: "d/a")
        #expect(sectorValues(try #require(disk.bytes(of: "d/a"))) == [1, 2, 1, 1])
        #expect(disk.images(CrashMode(.nothing, names: .kept)).allSatisfy { $0?[700] == 0 })
    }

    @Test("The sector that an offset lies in becomes zeros")
    func zeroed() throws {
        disk.zeroSector(at: 1023, of: "d/a")
        #expect(sectorValues(try #require(disk.bytes(of: "d/a"))) == [1, 0, 1, 1])
    }

    @Test("A lost write leaves what an earlier disk had, and zeros behind its end")
    func lostWrite() throws {
        let earlier = disk.copy
        let file = try disk.open()
        try file.fill(2..<6, with: 2)
        try file.sync()
        disk.loseWrite(at: 3 * 512 + 5, of: "d/a", since: earlier)
        disk.loseWrite(at: 5 * 512, of: "d/a", since: earlier)
        #expect(sectorValues(try #require(disk.bytes(of: "d/a"))) == [1, 1, 2, 1, 2, 0])
    }

    @Test("A misdirected write lies elsewhere in its file, and its place has what was there")
    func misdirected() throws {
        let earlier = disk.copy
        let file = try disk.open()
        try file.fill(2..<3, with: 2)
        try file.sync()
        disk.misdirectWrite(1024..<1536, of: "d/a", to: 0, since: earlier)
        #expect(sectorValues(try #require(disk.bytes(of: "d/a"))) == [2, 1, 1, 1])
    }
}
