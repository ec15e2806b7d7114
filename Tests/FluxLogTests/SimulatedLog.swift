import FluxFiles
import FluxFormat
import SimulatedDisk
import TestSupport
import Testing

@testable import FluxLog

/// A log on a disk that can lose power.
struct SimulatedLog {
    typealias Writer = LogWriter<SimulatedFileSystem>

    let disk: SimulatedDisk
    var options = LogOptions(segmentByteCountMax: 64 << 10)

    init(_ disk: SimulatedDisk = SimulatedDisk(directories: ["store/seg"])) {
        self.disk = disk
    }

    func open() throws(LogError) -> Writer.Opened {
        try Writer.open("store", files: disk.fileSystem, options: options, now: { 1_700_000_000_000_000_000 })
    }

    static func execution(_ seed: UInt64) -> Execution {
        Sample.execution(seed: seed, eventCount: 3, payloadByteCountMax: 900)
    }

    /// Writes an execution of a seed; it is not synced.
    @discardableResult
    func write(_ seed: UInt64, to writer: Writer) throws(LogError) -> WrittenBatch {
        var encoder = try BatchEncoder(
            Self.execution(seed), encoder: FrameEncoder(storeSalt: writer.storeSalt), frameByteCountTarget: 65536)
        guard let batch = encoder.next() else { throw .invalid("no batch") }
        return try writer.write([batch])[0]
    }

    /// Writes executions, each synced.
    @discardableResult
    func append(_ seeds: ClosedRange<UInt64>, to writer: Writer) throws(LogError) -> [WrittenBatch] {
        var batches: [WrittenBatch] = []
        for seed in seeds {
            batches.append(try write(seed, to: writer))
            try writer.sync()
        }
        return batches
    }

    /// The seeds of the executions that the log holds, in order.
    func seeds() throws -> [UInt64] {
        let ids = Dictionary(uniqueKeysWithValues: (0...99 as ClosedRange<UInt64>).map { (Self.execution($0).id, $0) })
        let directory = try LogDirectory("store", files: disk.fileSystem, access: .read)
        if let damage = directory.damage.first { throw damage }
        var seeds: [UInt64] = []
        for listed in directory.segments {
            let segment = try SegmentFile(
                opening: listed.name, in: directory.segmentDirectory, files: disk.fileSystem, access: .read)
            var scan = SegmentScan<SimulatedFile>()
            let end = listed.isSealed ? listed.end.offset - SegmentTrailer.byteCount : try tailEnd(segment)
            scan.begin(segment.file, segment: segment.header, end: end)
            while let frame = try scan.next() {
                guard frame.header.frameKind == .events, frame.header.flags.contains(.batchFirst) else { continue }
                seeds.append(try #require(ids[frame.header.executionID]))
            }
        }
        return seeds
    }

    private func tailEnd(_ segment: SegmentFile<SimulatedFile>) throws(LogError) -> Int {
        try LogTail(walking: segment, evidence: .none).end
    }

    /// The disk after a loss of power.
    func crashed(_ mode: CrashMode, seed: UInt64 = 1) -> SimulatedLog {
        var generator = SeededGenerator(seed: seed)
        return SimulatedLog(disk.crashed(mode, using: &generator))
    }

    static func path(_ segment: UInt32) -> String { "store/seg/" + SegmentName(segment: segment).fileName }
}
