import FluxFormat
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@testable import FluxLog

/// What other stores have got wrong around a write that failed or was interrupted.
@Suite("What must not happen: writes")
struct RegressionTests {
    @Test("A durable append behind a write that failed in part is not lost", arguments: [ENOSPC, EIO])
    func failedPartialWrite(number: Int32) throws {
        let log = SimulatedLog()
        var writer = try log.open().writer
        try log.append(1...2, to: writer)
        log.disk.faults = [Fault([.write], .shortWrite(byteCount: 600, number), on: ".rpl")]
        #expect(throws: LogError.self) { try log.write(3, to: writer) }
        if number == EIO { writer = try log.open().writer }
        try log.append(4...5, to: writer)
        for mode in CrashMode.allCases {
            let later = log.crashed(mode)
            try later.append(6...6, to: try later.open().writer)
            #expect(try later.seeds() == [1, 2, 4, 5, 6], "\(mode)")
        }
    }

    @Test("An append behind a repair never lands in the segment that was repaired")
    func appendBehindRepair() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...2, to: writer)
        log.disk.faults = [Fault([.write], .shortWrite(byteCount: 600, EIO), on: ".rpl")]
        #expect(throws: LogError.self) { try log.write(3, to: writer) }
        let opened = try log.open()
        #expect(opened.recovery != nil)
        #expect(try log.append(4...4, to: opened.writer)[0].frames[0].position.segment == 2)
        #expect(try log.seeds() == [1, 2, 4])
    }

    @Test("A failed sync and a kill before HEAD tells: nothing is served from pages that the disk does not have")
    func cleanPages() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...2, to: writer)
        try log.write(3, to: writer)
        log.disk.faults = [Fault([.sync], .sync(.keepsNewContent)), Fault([.write], .error(EIO), on: "HEAD")]
        #expect(throws: LogError.self) { try writer.sync() }
        #expect(throws: LogError.self) { try log.write(4, to: writer) }
        let killed = SimulatedLog(log.disk.killed())
        _ = try killed.open()
        let served = try killed.seeds()
        #expect(served == [1, 2])
        #expect(try killed.crashed(CrashMode(.nothing, names: .lost)).seeds() == served)
    }

    @Test("A sync that failed is never tried again on that file")
    func noSecondSync() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...1, to: writer)
        try log.write(2, to: writer)
        log.disk.faults = [Fault([.sync], .sync(.keepsNewContent), on: ".rpl")]
        let count = log.disk.trace.operations.count
        #expect(throws: LogError.self) { try writer.sync() }
        #expect(throws: LogError.self) { try writer.sync() }
        #expect(throws: LogError.self) { try writer.close() }
        let syncs = log.disk.trace.operations[count...].filter { $0.kind == .sync && $0.path.hasSuffix(".rpl") }
        #expect(syncs.count == 1)
    }

    @Test("A sync that fails while closing is no reason to go on")
    func failedClose() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...1, to: writer)
        log.disk.faults = [Fault([.sync], .sync(.keepsNewContent), on: ".rpl")]
        #expect(throws: LogError.self) { try writer.close() }
        #expect {
            try log.write(2, to: writer)
        } throws: {
            guard case LogError.poisoned = $0 else { return false }
            return true
        }
    }

    @Test("Two crashes in a row lose nothing, whatever is left of the first recovery")
    func twoCrashes() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...3, to: writer)
        try log.write(4, to: writer)
        let torn = log.crashed(CrashMode(.onlyOneSector, names: .kept))
        for stop in 0..<20 {
            for mode in CrashMode.essential {
                let first = SimulatedLog(torn.disk.copy)
                first.disk.stopAt = stop
                _ = try? first.open()
                let second = first.crashed(mode, seed: UInt64(stop))
                try second.append(5...5, to: try second.open().writer)
                let seeds = try second.seeds()
                #expect(seeds.starts(with: [1, 2, 3]) && seeds.last == 5 && seeds.count <= 5, "\(stop), \(mode)")
            }
        }
    }

    @Test("No commit waits for the sync of a directory where the spare is ready")
    func rollWithSpare() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        var seed: UInt64 = 0
        while writer.active?.header.segment == nil || writer.active?.header.segment == 1 {
            seed += 1
            let count = log.disk.trace.operations.count
            try log.append(seed...seed, to: writer)
            let waited = log.disk.trace.operations[count...].filter { $0.kind == .syncDirectory }
            if seed > 1 { #expect(waited.isEmpty) }
            writer.background.runAll()
        }
        #expect(writer.active?.header.segment == 2 && seed > 10)
    }

    @Test("A disk that is full at any size loses nothing acknowledged, and the log goes on when there is room")
    func fullDisk() throws {
        for capacity in stride(from: 0, through: 120 << 10, by: 4096) {
            let log = SimulatedLog()
            log.disk.capacityByteCount = capacity
            let writer = try log.open().writer
            var acknowledged: [UInt64] = []
            for seed in 1...30 as ClosedRange<UInt64> where (try? log.append(seed...seed, to: writer)) != nil {
                acknowledged.append(seed)
                writer.background.runAll()
            }
            log.disk.capacityByteCount = nil
            try log.append(31...31, to: writer)
            #expect(try log.seeds() == acknowledged + [31], "\(capacity)")
            let lost = log.crashed(CrashMode(.nothing, names: .lost))
            _ = try lost.open()
            #expect(try lost.seeds() == acknowledged + [31], "\(capacity)")
        }
    }

    @Test("Opening on a full disk cuts nothing and serves everything")
    func openOnFullDisk() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...3, to: writer)
        try log.write(4, to: writer)
        let torn = log.crashed(CrashMode(.onlyOneSector, names: .kept))
        torn.disk.capacityByteCount = 0
        let before = torn.disk.bytes(of: SimulatedLog.path(1))
        let opened = try torn.open()
        #expect(opened.recovery == nil && torn.disk.bytes(of: SimulatedLog.path(1)) == before)
        #expect(try torn.seeds() == [1, 2, 3])
        #expect(throws: LogError.self) { try torn.write(5, to: opened.writer) }
        torn.disk.capacityByteCount = nil
        try torn.append(5...5, to: opened.writer)
        #expect(try torn.seeds() == [1, 2, 3, 5])
    }

    @Test("A repair that fails for room behind its cut keeps the copy of what it cut off")
    func repairInTwo() throws {
        let log = SimulatedLog()
        let writer = try log.open().writer
        try log.append(1...3, to: writer)
        log.disk.faults = [Fault([.write], .shortWrite(byteCount: 600, EIO), on: ".rpl")]
        #expect(throws: LogError.self) { try log.write(4, to: writer) }
        log.disk.faults = [Fault([.write], .error(ENOSPC), on: "01.0000.rpl")]
        let opened = try log.open()
        #expect(opened.writer.head == nil)
        let end = opened.writer.durableEnd
        try opened.writer.roll()
        try log.append(5...5, to: opened.writer)
        let recovery = try #require(opened.writer.recovery)
        #expect(recovery.tornByteCount == 600 && log.disk.bytes(of: recovery.quarantinePath)?.count == 600)
        #expect(opened.writer.durableEnd > end)
        #expect(try log.seeds() == [1, 2, 3, 5])
    }
}
