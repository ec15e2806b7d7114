import FluxFiles
import FluxFormat
import FluxLog
import SimulatedDisk
import TestSupport

extension FuzzTarget {
    private typealias Writer = LogWriter<SimulatedFileSystem>

    /// A whole log on a disk in memory: opened, put right, appended to, and opened again.
    static let recovery = FuzzTarget("recovery") { input in
        let store = FuzzStore(&input)
        let disk = SimulatedDisk(directories: ["store/seg"])
        disk.isTraced = false
        for file in store.files { disk.put(file.bytes, at: "store/\(file.path)") }
        let before = disk.contents
        let batches = try? Batches(of: disk)
        let writer: Writer
        do throws(LogError) {
            writer = try open(disk)
        } catch {
            if case .io = error { throw error }
            return try hold(disk.contents == before, "a log that was refused has changed: \(error)")
        }
        let opened = try Batches(of: disk)
        try hold(batches == opened, "opening has changed the batches of a log")
        // A crash right behind the opening, and one more.
        let copy = disk.copy
        _ = try open(copy)
        try hold(try Batches(of: copy) == opened, "opening again has changed the batches of a log")
        let written = try append(to: writer)
        try writer.close()
        let reopened = try open(disk)
        try hold(reopened.recovery == nil, "a log that was closed in order is put right")
        try hold(
            try Batches(of: disk).frames == opened.frames + written, "a log lacks what was appended, or has more")
    }

    private static func open(_ disk: SimulatedDisk) throws(LogError) -> Writer {
        var options = LogOptions(segmentByteCountMax: 32 << 10)
        options.reserveByteCountMin = 8 << 10
        options.random = { 0x5DEE_CE66_D1CE_4E5B }
        return try Writer.open("store", files: disk.fileSystem, options: options, now: { 7 }).writer
    }

    private static func append(to writer: Writer) throws -> [UInt64] {
        let execution = Sample.execution(seed: 1 << 40, eventCount: 1, payloadByteCountMax: 10)
        var encoder = try BatchEncoder(
            execution, encoder: FrameEncoder(storeSalt: writer.storeSalt), frameByteCountTarget: 4096)
        guard let batch = encoder.next() else { throw FuzzViolation("an execution has no batch") }
        let written = try writer.write([batch])
        try writer.sync()
        writer.background.runAll()
        return written.flatMap { $0.frames.map(\.header.headerHash) }
    }

    /// What can be read of a log: the frames of events of each segment, up to the first that does not verify.
    private struct Batches: Equatable {
        var frames: [UInt64] = []

        init(of disk: SimulatedDisk) throws(LogError) {
            let directory = try LogDirectory("store", files: disk.fileSystem, access: .read)
            if let damage = directory.damage.first { throw damage }
            for listed in directory.segments {
                var segment = try SegmentFile(
                    opening: listed.name, in: directory.segmentDirectory, files: disk.fileSystem, access: .read)
                if let sealed = try segment.sealed(endingAt: listed.end.offset) { segment = sealed }
                guard segment.isSealed, listed.isSealed else {
                    frames += try LogTail(walking: segment, evidence: .none).frames.map(\.header.headerHash)
                    continue
                }
                try add(segment)
            }
        }

        private mutating func add(_ segment: SegmentFile<SimulatedFile>) throws(LogError) {
            var scan = segment.scan()
            do throws(LogError) {
                while let frame = try scan.next(), frame.header.frameKind != .seal {
                    frames.append(frame.header.headerHash)
                }
            } catch {
                if case .io = error { throw error }
            }
        }
    }
}
