import FluxFiles
import FluxFormat
import FluxLog
import SimulatedDisk
import TestSupport
import Testing

@testable import FluxStore

/// A log on a disk that can lose power, and backups of it there.
private struct BackedUpLog {
    let disk: SimulatedDisk
    let storeID: StoreID
    let extent: LogExtent

    /// Adds executions to the log on a disk, and closes it in order.
    init(adding seeds: Range<UInt64>, on disk: SimulatedDisk) throws {
        self.disk = disk
        let options = LogOptions(segmentByteCountMax: 16 << 10)
        let log = try LogWriter.open("store", files: disk.fileSystem, options: options, now: { 1 }).writer
        for seed in seeds {
            var encoder = try BatchEncoder(
                Sample.execution(seed: seed, eventCount: 8, payloadByteCountMax: 900),
                encoder: FrameEncoder(storeSalt: log.storeSalt), frameByteCountTarget: 4096)
            while let batch = encoder.next() { _ = try log.write([batch]) }
            try log.sync()
            log.background.runAll()
        }
        storeID = log.storeID
        extent = LogExtent(
            firstSegment: 1, end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence)
        try log.close()
    }

    @discardableResult
    func backUp(on disk: SimulatedDisk) throws -> BackupReport {
        let table = SegmentTable(path: "store", files: disk.fileSystem)
        var backup = StoreBackup(of: table, storeID: storeID, to: "backup", files: disk.fileSystem)
        return try backup.run { extent }
    }

    /// What the folder says that it has, which must be so; `nil` where it has no backup.
    static func manifest(on disk: SimulatedDisk) throws -> BackupManifest? {
        guard try BackupManifest(reading: "backup", files: disk.fileSystem) != nil else { return nil }
        let restore = try BackupRestore(of: "backup", files: disk.fileSystem)
        let findings = try restore.verify().findings
        #expect(findings.isEmpty)
        return restore.manifest
    }

    /// The end of the log that is restored from the folder.
    static func restoredEnd(on disk: SimulatedDisk) throws -> Position {
        try BackupRestore(of: "backup", files: disk.fileSystem).copy(to: "restored")
        let opened = try LogWriter.open(
            "restored", files: disk.fileSystem, options: LogOptions(), now: { 1 })
        #expect(opened.recovery == nil)
        return opened.writer.durableEnd
    }
}

@Suite("A crash during a backup")
struct BackupCrashTests {
    /// Runs `body` on copies of a disk that lose power before each of its calls, and hands what is left to `check`.
    private func sweep(
        _ disk: SimulatedDisk, _ body: (SimulatedDisk) throws -> Void, check: (SimulatedDisk) throws -> Void
    ) throws {
        let whole = disk.copy
        try body(whole)
        for count in 0..<whole.operationCount {
            let stopped = disk.copy
            stopped.stopAt = count
            #expect(throws: StoreError.self) { try body(stopped) }
            for (seed, mode) in CrashMode.essential.enumerated() {
                var generator = SeededGenerator(seed: UInt64(count * 100 + seed))
                try check(stopped.crashed(mode, using: &generator))
            }
        }
    }

    @Test("The first one leaves nothing that looks like a backup, or a whole one, and the next run brings all")
    func first() throws {
        let log = try BackedUpLog(adding: 1..<9, on: SimulatedDisk(directories: ["store/seg"]))
        try #require(log.extent.segments.count > 2)
        try sweep(log.disk) {
            try log.backUp(on: $0)
        } check: { left in
            if let manifest = try BackedUpLog.manifest(on: left) { #expect(manifest.end == log.extent.end) }
            try log.backUp(on: left)
            #expect(try BackedUpLog.manifest(on: left)?.end == log.extent.end)
            #expect(try left.fileSystem.list("backup/seg").allSatisfy { $0.hasSuffix(".rpl") })
        }
    }

    @Test("A later one leaves the backup before, or the new one")
    func later() throws {
        let disk = SimulatedDisk(directories: ["store/seg"])
        let first = try BackedUpLog(adding: 1..<5, on: disk)
        try first.backUp(on: disk)
        let second = try BackedUpLog(adding: 5..<11, on: disk)
        try #require(second.extent.segments.count > first.extent.segments.count)
        try sweep(disk) {
            try second.backUp(on: $0)
        } check: { left in
            let manifest = try #require(try BackedUpLog.manifest(on: left))
            #expect([first.extent.end, second.extent.end].contains(manifest.end))
            #expect(try BackedUpLog.restoredEnd(on: left.copy) == manifest.end)
            try second.backUp(on: left)
            #expect(try BackedUpLog.restoredEnd(on: left) == second.extent.end)
        }
    }

    @Test("A restore that was interrupted is gone on with")
    func restore() throws {
        let disk = SimulatedDisk(directories: ["store/seg"])
        let log = try BackedUpLog(adding: 1..<7, on: disk)
        try log.backUp(on: disk)
        try sweep(disk) {
            try BackupRestore(of: "backup", files: $0.fileSystem).copy(to: "restored")
        } check: { left in
            let end = try BackedUpLog.restoredEnd(on: left)
            #expect(end == log.extent.end)
        }
    }

    @Test("A file system without links, or a file that has lost its name, is copied")
    func withoutLinks() throws {
        let disk = SimulatedDisk(directories: ["store/seg"])
        let log = try BackedUpLog(adding: 1..<9, on: disk)
        disk.faults = [Fault([.link], .error(18), isLasting: true)]
        let report = try log.backUp(on: disk)
        #expect(report.linkedSegments == 0 && report.copiedSegments == report.segments)
        #expect(try BackedUpLog.manifest(on: disk)?.end == log.extent.end)
    }

    @Test(
        "A segment that is dropped meanwhile is left out with those before it; one that is missing otherwise is an error"
    )
    func dropped() throws {
        let disk = SimulatedDisk(directories: ["store/seg"])
        let log = try BackedUpLog(adding: 1..<11, on: disk)
        try #require(log.extent.segments.count > 3)
        try disk.fileSystem.remove("store/seg/\(SegmentName(segment: 2).fileName)")
        let table = SegmentTable(path: "store", files: disk.fileSystem)
        var extents = [log.extent]
        func run() throws -> BackupReport {
            var backup = StoreBackup(of: table, storeID: log.storeID, to: "backup", files: disk.fileSystem)
            return try backup.run { extents.count > 1 ? extents.removeFirst() : extents[0] }
        }
        #expect(throws: StoreError.self) { try run() }
        #expect(try BackedUpLog.manifest(on: disk) == nil)
        var dropped = log.extent
        dropped.segments.removeFirst(2)
        extents = [log.extent, dropped]
        let report = try run()
        #expect(report.segments == log.extent.segments.count - 2)
        #expect(try BackedUpLog.manifest(on: disk)?.entries.first?.name.segment == 3)
        #expect(try disk.fileSystem.list("backup/seg").count == report.segments)
    }
}
