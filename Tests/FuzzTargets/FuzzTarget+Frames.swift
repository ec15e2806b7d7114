import FluxFiles
import FluxFormat
import FluxLog
import SimulatedDisk

extension FuzzTarget {
    /// The frames of a segment, walked from its start, past damage, and batch by batch.
    static let frames = FuzzTarget("frames") { input in
        let choice = input.byte()
        let level = StampLevel(rawValue: choice & 3) ?? .chain
        var header = Stamp.header
        // In a segment that was written anew sequences may leave gaps.
        header.generation = choice & 0x80 == 0 ? 0 : 1
        var bytes = header.encoded + input.rest()
        var link = Stamp.Link()
        Stamp.frames(&bytes, from: SegmentHeader.byteCount, segment: 1, level, &link)
        let segment = try open(bytes, generation: header.generation)
        let walked = try scan(segment, bytes)
        let batches = try walkBatches(segment, bytes)
        let tail = try LogTail(walking: segment, evidence: .none)
        try hold(tail.end <= bytes.count && tail.contentEnd >= tail.end, "a log ends behind its file")
        try hold(
            tail.frames.map(\.position) == walked.prefix(tail.frames.count).map(\.position),
            "a log has frames that a scan has not")
        // A batch of which META alone can be read is whole for the log, and lost where it is salvaged.
        for frame in batches where frame.position.offset < tail.end && frame.header.frameKind != .seal {
            try hold(tail.frames.contains { $0.position == frame.position }, "a batch is not in its log")
        }
    }

    private static func open(_ bytes: [UInt8], generation: UInt32) throws -> SegmentFile<SimulatedFile> {
        let disk = SimulatedDisk(directories: ["store/seg"])
        disk.isTraced = false
        let name = SegmentName(segment: 1, generation: generation)
        disk.put(bytes, at: "store/seg/\(name.fileName)")
        return try SegmentFile(opening: name, in: "store/seg", files: disk.fileSystem, access: .read)
    }

    /// The frames up to the first that does not verify. Behind it the scan goes on as long as it finds some.
    private static func scan(_ segment: SegmentFile<SimulatedFile>, _ bytes: [UInt8]) throws -> [ScannedFrame] {
        var scan = SegmentScan<SimulatedFile>()
        scan.begin(segment.file, segment: segment.header, end: segment.byteCount)
        var frames: [ScannedFrame] = []
        var isDamaged = false
        var last = 0
        while true {
            do throws(LogError) {
                guard let frame = try scan.next() else { break }
                try holdHashes(of: frame, last, in: bytes)
                last = frame.position.offset + frame.header.frameByteCount
                if !isDamaged { frames.append(frame) }
            } catch {
                guard case .damaged(_, let offset, _) = error else { throw error }
                guard offset == scan.offset else { throw LogError.invalid("a scan stands behind its damage") }
                isDamaged = true
                guard try scan.resync() else { break }
            }
        }
        return frames
    }

    private static func holdHashes(of frame: ScannedFrame, _ end: Int, in bytes: [UInt8]) throws(LogError) {
        guard frame.position.offset >= end else { throw .invalid("a scan goes back") }
        guard Stamp.holds(bytes, at: frame.position.offset, segment: 1, header: Stamp.header) else {
            throw .invalid("a frame is read whose hash is wrong, at \(frame.position)")
        }
    }

    /// The frames of all whole batches.
    private static func walkBatches(
        _ segment: SegmentFile<SimulatedFile>, _ bytes: [UInt8]
    ) throws -> [ScannedFrame] {
        var walk = BatchWalk(segment)
        var frames: [ScannedFrame] = []
        var end = SegmentHeader.byteCount
        while let part = try walk.next() {
            switch part {
            case .batch(let batch):
                let flags = batch.map { $0.header.flags.intersection([.batchFirst, .batchLast]) }
                let isWhole =
                    flags.first?.contains(.batchFirst) == true && flags.last?.contains(.batchLast) == true
                    && flags.dropFirst().allSatisfy { !$0.contains(.batchFirst) }
                    && flags.dropLast().allSatisfy { !$0.contains(.batchLast) }
                try hold(isWhole, "a batch is not whole")
                for frame in batch {
                    try holdHashes(of: frame, end, in: bytes)
                    end = frame.position.offset + frame.header.frameByteCount
                }
                frames += batch
            case .lost(let range):
                try hold(range.start >= end && range.end >= range.start, "a loss lies before what was found")
                try hold(range.end <= bytes.count, "a loss lies behind the file")
                end = range.end
            }
        }
        return frames
    }
}
