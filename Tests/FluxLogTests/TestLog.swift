import FluxFiles
import FluxFormat
import Testing

@testable import FluxLog

/// A log on a disk in memory.
struct TestLog {
    typealias Writer = LogWriter<MemoryFileSystem>

    /// The path of a segment's file.
    static func path(_ segment: UInt32) -> String {
        "store/seg/" + SegmentName(segment: segment).fileName
    }

    static let headPath = "store/HEAD"

    let disk: MemoryDisk
    var options = LogOptions()

    init(disk: MemoryDisk = MemoryDisk(), options: LogOptions = LogOptions()) {
        self.disk = disk
        self.options = options
    }

    var files: MemoryFileSystem { MemoryFileSystem(disk: disk) }

    func open() throws(LogError) -> Writer.Opened {
        var options = options
        // Megabytes of zeros would be copied again and again.
        options.reserveByteCountMin = 8 << 10
        return try Writer.open("store", files: files, options: options, now: { 1_700_000_000_000_000_000 })
    }

    func directory() throws(LogError) -> LogDirectory<MemoryFileSystem> {
        try LogDirectory("store", files: files, access: .read)
    }

    /// The segments in order, each opened.
    func segments() throws(LogError) -> [SegmentFile<MemoryFile>] {
        let directory = try directory()
        var segments: [SegmentFile<MemoryFile>] = []
        for segment in directory.segments {
            segments.append(
                try SegmentFile(
                    opening: segment.name, in: directory.segmentDirectory, files: files, access: .read))
        }
        return segments
    }

    /// Appends all batches of an execution.
    @discardableResult
    func append(_ execution: Execution, to writer: Writer) throws(LogError) -> [ScannedFrame] {
        var encoder = try BatchEncoder(
            execution, encoder: FrameEncoder(storeSalt: writer.storeSalt),
            frameByteCountTarget: options.frameByteCountTarget)
        var frames: [ScannedFrame] = []
        while let batch = encoder.next() {
            frames += try writer.write([batch])[0].frames
            try writer.sync()
        }
        return frames
    }
}

extension TestLog {
    /// Writes a frame of META that someone spelled, and syncs it.
    func appendMetadata(_ bytes: [UInt8], flags: FrameFlags, to writer: Writer) throws(LogError) {
        var builder = FrameBuilder(wallBase: 0)
        builder.append(
            Event(kind: .metadata, sequence: 0, descriptor: bytes), payload: 0..<0, hasMorePieces: false)
        let id = ExecutionID(high: 1, low: 2)
        let frame = FrameEncoder(storeSalt: writer.storeSalt).encode(
            builder, executionID: id, flags: flags, firstEvent: 0, eventCount: 0, metadata: nil)
        _ = try writer.write([
            EncodedBatch(executionID: id, frames: [frame], firstEvent: 0, eventCount: 0, isLast: true)
        ])
        try writer.sync()
    }

    /// The sequences of the first frames of the batches that a walk over the first segment finds, and what is lost.
    func walk() throws -> (found: [UInt64], lost: [LostRange]) {
        let segment = try #require(try segments().first)
        var walk = BatchWalk(segment)
        var (found, lost): ([UInt64], [LostRange]) = ([], [])
        while let part = try walk.next() {
            switch part {
            case .batch(let frames): found.append(frames[0].header.frameSequence)
            case .lost(let range): lost.append(range)
            }
        }
        return (found, lost)
    }
}

extension TestLog {
    /// Everything that a reader of the log sees, and where it ends.
    struct Reading {
        var events: [ExecutionID: [Event]] = [:]
        var metadata: [ExecutionID: ExecutionMetadata] = [:]
        var frames: [ScannedFrame] = []
        var rest: LogTail.Rest = .nothing
    }

    /// Reads the log as it lies, up to where a reader may see.
    func read() throws -> Reading {
        let directory = try directory()
        if let damage = directory.damage.first { throw damage }
        var reading = Reading()
        var assembler = EventAssembler()
        var decoder = FrameDecoder()
        var lastHash: UInt64 = 0
        var nextSequence: UInt64 = 1
        for segment in try segments() {
            #expect(segment.header.previousLastFrameHash == lastHash)
            #expect(segment.header.firstFrameSequence == nextSequence)
            var end = segment.framesEnd
            if !segment.isSealed {
                let tail = try LogTail(walking: segment, evidence: .none)
                (end, reading.rest) = (tail.end, tail.rest)
            }
            var scan = SegmentScan<MemoryFile>()
            scan.begin(segment.file, segment: segment.header, end: end)
            while let frame = try scan.next() {
                reading.frames.append(frame)
                guard frame.header.frameKind == .events else { continue }
                try decoder.decode(frame.header, payload: scan.payload, storeSalt: segment.header.storeSalt)
                let id = frame.header.executionID
                for index in (decoder.hasMetadata ? 1 : 0)..<decoder.recordCount {
                    guard let read = assembler.add(decoder.record(at: index)) else { continue }
                    reading.events[id, default: []].append(read.event)
                }
                if decoder.hasMetadata {
                    var other = FrameDecoder()
                    reading.metadata[id] = try other.metadata(
                        frame.header, payload: scan.payload, storeSalt: segment.header.storeSalt)?.value
                }
            }
            // One that was written anew keeps what the next one goes on from.
            lastHash = segment.header.generation > 0 ? segment.trailer?.lastFrameHash ?? 0 : scan.previousFrameHash
            nextSequence = scan.nextFrameSequence
        }
        return reading
    }
}
