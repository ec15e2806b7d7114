import FluxFormat
import Glibc
import TestSupport
import Testing

@testable import FluxLog

@Suite("Room that is kept for a full disk")
struct BallastTests {
    private static let path = "store/ballast"
    private static let options = LogOptions(
        segmentByteCountMax: 8 << 10, frameByteCountTarget: 2000, ballast: (8 << 10, 5000))

    private func ballast(on disk: MemoryDisk, logByteCount: Int) -> Ballast<MemoryFileSystem> {
        Ballast(files: MemoryFileSystem(disk: disk), path: "store", options: Self.options, logByteCount: logByteCount)
    }

    @Test("It is kept from a size of the log on, freed, and kept again")
    func life() throws {
        let disk = MemoryDisk()
        let ballast = ballast(on: disk, logByteCount: 8000)
        #expect(!ballast.count(191))
        #expect(ballast.count(1))
        try ballast.reclaim()
        #expect(disk.contents[Self.path] == nil)
        try ballast.make()
        #expect(disk.contents[Self.path]?.count == 5000 && !ballast.count(1))
        #expect(ballast.release())
        #expect(disk.contents[Self.path] == nil && !ballast.count(1))
        try ballast.reclaim()
        #expect(disk.contents[Self.path]?.count == 5000 && !ballast.count(1))
    }

    @Test("That of an earlier writer is taken over, and freed as well")
    func earlier() throws {
        let disk = MemoryDisk()
        try ballast(on: disk, logByteCount: 9000).make()
        let later = ballast(on: disk, logByteCount: 9000)
        disk.failure = .init(call: .truncate, successCount: 0, number: ENOSPC)
        try later.make()
        #expect(!disk.hasFailed && !later.count(1))
        #expect(ballast(on: disk, logByteCount: 9000).release())
        #expect(disk.contents[Self.path] == nil)
    }

    @Test("Without room for all of it, none is taken", arguments: [MemoryDisk.Call.truncate, .sync])
    func noRoom(call: MemoryDisk.Call) {
        let disk = MemoryDisk()
        let ballast = ballast(on: disk, logByteCount: 9000)
        disk.failure = .init(call: call, successCount: 0, number: ENOSPC)
        #expect(throws: (any Error).self) { try ballast.make() }
        #expect(disk.contents[Self.path] == nil && ballast.count(1))
    }

    @Test("A write without room frees it, and nothing is written until it is kept again")
    func fullDisk() throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        var seed: UInt64 = 0
        func append() throws(LogError) {
            seed += 1
            try log.append(Sample.execution(seed: seed, eventCount: 6, payloadByteCountMax: 900), to: writer)
            writer.background.runAll()
        }
        while log.disk.contents[Self.path] == nil, seed < 20 { try append() }
        #expect(log.disk.contents[Self.path]?.count == 5000)
        log.disk.failure = .init(call: .write, successCount: 0, number: ENOSPC)
        #expect(throws: LogError.self) { try append() }
        #expect(log.disk.contents[Self.path] == nil)
        let events = try log.read().events.count
        log.disk.failure = .init(call: .truncate, successCount: 0, number: ENOSPC, isLasting: true)
        #expect(throws: LogError.noSpace(path: Self.path)) { try append() }
        log.disk.failure = nil
        try append()
        #expect(log.disk.contents[Self.path]?.count == 5000)
        #expect(try log.read().events.count == events + 1)
    }
}
