import FluxFiles
import FluxFormat
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@testable import FluxLog

/// What other stores have got wrong about files that are damaged, missing or half made.
@Suite("What must not happen: files")
struct FileRegressionTests {
    private static let path = SimulatedLog.path(1)

    /// A log of one segment that was not closed, without what was reserved in memory of the writer.
    private func written(_ seeds: ClosedRange<UInt64> = 1...4) throws -> (log: SimulatedLog, batches: [WrittenBatch]) {
        let log = SimulatedLog()
        return (log, try log.append(seeds, to: try log.open().writer))
    }

    private func isRefused(_ log: SimulatedLog) -> Bool {
        let before = log.disk.contents
        do throws(LogError) {
            _ = try log.open()
            return false
        } catch {
            return log.disk.contents == before
        }
    }

    @Test("A missing segment in the middle is not passed over, and nothing is removed")
    func missingMiddle() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        for seed in 1...3 as ClosedRange<UInt64> {
            try log.append(seed...seed, to: writer)
            try writer.roll()
        }
        writer.background.runAll()
        try log.disk.fileSystem.remove(SimulatedLog.path(2))
        #expect(isRefused(log))
    }

    @Test("A length field that is torn or damaged is told, with HEAD or without, and reads no more than the file has")
    func tornLength() throws {
        let (log, batches) = try written()
        for index in 0..<4 {
            let offset = batches[index].frames[0].position.offset + 8
            for hasHead in [true, false] {
                let damaged = SimulatedLog(log.disk.copy)
                for byte in 0..<4 { damaged.disk.flipBit(byte, at: offset + byte, of: Self.path) }
                if !hasHead { try damaged.disk.fileSystem.remove("store/HEAD") }
                // Nothing but HEAD speaks for the last group.
                let isPromised = hasHead || index < 3
                #expect(isRefused(damaged) == isPromised)
                #expect(damaged.disk.trace.operations.allSatisfy { $0.kind != .read || $0.byteCount <= 64 << 10 })
                if !isPromised { #expect(try damaged.seeds() == [1, 2, 3]) }
            }
        }
    }

    @Test("A hole of 512 zeros inside of a frame is told, with HEAD or without")
    func zeroHole() throws {
        let (log, batches) = try written()
        let offset = batches[1].frames[0].position.offset + 600
        log.disk.zeroSector(at: offset, of: Self.path)
        #expect(isRefused(SimulatedLog(log.disk.copy)))
        try log.disk.fileSystem.remove("store/HEAD")
        #expect(isRefused(log))
    }

    @Test("A hole in the last write, that no one was promised, is cut off and kept")
    func zeroHoleInTornTail() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...2, to: writer)
        try log.write(3, to: writer)
        let torn = log.crashed(CrashMode(.allButOneSector, names: .kept))
        let opened = try torn.open()
        #expect(opened.recovery?.isSuspect == false)
        #expect(try torn.seeds() == [1, 2])
    }

    @Test("Zeros that were reserved are no damage and no torn tail")
    func reservedZeros() throws {
        let (log, _) = try written()
        #expect(log.disk.bytes(of: Self.path)?.count == log.options.segmentByteCountMax)
        #expect(try log.open().recovery == nil)
        #expect(try log.seeds() == [1, 2, 3, 4])
    }

    @Test("A frame that verifies elsewhere is not taken for the one that the index means")
    func foreignFrame() throws {
        let (log, batches) = try written()
        let (first, second) = (batches[0].frames[0], batches[1].frames[0])
        let count = first.header.frameByteCount
        log.disk.misdirectWrite(
            first.position.offset..<first.position.offset + count, of: Self.path, to: second.position.offset,
            since: log.disk.copy)
        let directory = try LogDirectory("store", files: log.disk.fileSystem, access: .read)
        let segment = try #require(directory.last)
        var loader = FrameLoader()
        #expect(throws: LogError.self) {
            try loader.load(segment.file, segment: segment.header, at: second.position, byteCount: count)
        }
        #expect(isRefused(log))
    }

    @Test("A frame that verifies and does not continue the one before it is told")
    func foreignChain() throws {
        let (log, batches) = try written(1...2)
        let last = batches[1].frames[0]
        let directory = try LogDirectory("store", files: log.disk.fileSystem, access: .readWrite)
        let segment = try #require(directory.last)
        var header = last.header
        header.previousFrameHash ^= 1
        let bytes = header.encoded(at: last.position, segmentSalt: segment.header.segmentSalt).bytes
        try segment.file.write(bytes, at: last.position.offset)
        #expect(isRefused(log))
    }

    @Test("One flipped bit in the middle of what was acknowledged is told, with HEAD or without")
    func flippedBit() throws {
        let (log, batches) = try written()
        for offset in stride(from: 4096, to: batches[2].end.offset, by: 97) {
            for hasHead in [true, false] {
                let damaged = SimulatedLog(log.disk.copy)
                damaged.disk.flipBit(3, at: offset, of: Self.path)
                if !hasHead { try damaged.disk.fileSystem.remove("store/HEAD") }
                #expect(isRefused(damaged), "\(offset)")
            }
        }
    }

    /// A log that rolled into its spare, whose name is still that of a spare.
    private func rolled() throws -> SimulatedLog {
        let log = SimulatedLog()
        let writer = try log.open().writer
        var seed: UInt64 = 0
        while writer.active?.header.segment != 2 {
            seed += 1
            try log.append(seed...seed, to: writer)
            if writer.active?.header.segment == 1 { writer.background.runAll() }
        }
        #expect(log.disk.paths.contains(SimulatedLog.path(2) + ".next"))
        return log
    }

    @Test("A spare with a header and its old name is the active segment")
    func headedSpare() throws {
        let log = try rolled()
        let seeds = try log.seeds()
        let killed = SimulatedLog(log.disk.killed())
        _ = try killed.open()
        #expect(try killed.seeds() == seeds && seeds.count > 10)
        let crashed = log.crashed(CrashMode(.nothing, names: .lost))
        _ = try crashed.open()
        #expect(try crashed.seeds() == seeds)
        #expect(crashed.disk.paths.contains(SimulatedLog.path(2)))
    }

    @Test("A segment that was begun without room does not go on in a spare, which the next opening passes over")
    func twoFilesOfOneSegment() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...1, to: writer)
        try writer.roll()
        log.disk.faults = [Fault([.truncate], .error(ENOSPC), on: "02.0000.rpl")]
        writer.background.prepareSpare(2)
        #expect(throws: LogError.noSpace(path: SimulatedLog.path(2))) { try log.write(2, to: writer) }
        writer.background.runAll()
        try log.append(2...2, to: writer)
        let killed = SimulatedLog(log.disk.killed())
        _ = try killed.open()
        #expect(try killed.seeds() == [1, 2])
        #expect(!killed.disk.paths.contains(SimulatedLog.path(2) + ".next"))
    }

    @Test("A spare whose header is zeros holds nothing, and is no damage")
    func zeroSpare() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...1, to: writer)
        writer.background.prepareSpare(2)
        writer.background.runAll()
        #expect(log.disk.paths.contains(SimulatedLog.path(2) + ".next"))
        let killed = SimulatedLog(log.disk.killed())
        try killed.append(2...2, to: try killed.open().writer)
        #expect(try killed.seeds() == [1, 2])
        #expect(!killed.disk.paths.contains(SimulatedLog.path(2) + ".next"))
    }

    @Test("A segment that is sealed and not trimmed is whole")
    func sealedAndNotTrimmed() throws {
        let (log, _) = try written()
        let writer = try log.open().writer
        try log.append(5...5, to: writer)
        try writer.roll()
        #expect(log.disk.bytes(of: SimulatedLog.path(2))?.count == log.options.segmentByteCountMax)
        for hasNext in [false, true] {
            if hasNext { try log.append(6...6, to: writer) }
            let killed = SimulatedLog(log.disk.killed())
            #expect(try killed.open().recovery == nil)
            #expect(try killed.seeds() == (hasNext ? [1, 2, 3, 4, 5, 6] : [1, 2, 3, 4, 5]))
        }
    }

    @Test("A trailer that came without its seal does not make a torn segment a sealed one")
    func trailerWithoutSeal() throws {
        let (log, batches) = try written()
        let opened = try log.open()
        try opened.writer.close()
        let byteCount = try #require(log.disk.bytes(of: Self.path)?.count)
        let end = batches[3].end.offset
        #expect(byteCount > end)
        log.disk.zeroSector(at: end + 600, of: Self.path)
        try log.disk.fileSystem.remove("store/HEAD")
        let again = try log.open()
        #expect(again.recovery != nil)
        try log.append(5...5, to: again.writer)
        #expect(try log.seeds() == [1, 2, 3, 4, 5])
    }
}
