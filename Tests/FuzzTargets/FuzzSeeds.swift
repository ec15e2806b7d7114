import FluxFiles
import FluxFormat
import FluxLog
import SimulatedDisk
import TestSupport

/// Inputs to start from: a small log, cut into what each target takes.
public struct FuzzSeeds {
    /// Inputs by target and name.
    public private(set) var inputs: [String: [String: [UInt8]]] = [:]
    private let disk = Self.emptyDisk

    /// Makes them; they are the same each time.
    public init() throws {
        try Self.fill(disk).close()
        let paths = disk.paths.filter { $0.hasSuffix(".rpl") }
        let segments = paths.compactMap { disk.bytes(of: $0) }
        for (number, bytes) in segments.enumerated() {
            add(FuzzTarget.segmentHeader, "segment-\(number)", [0] + bytes.prefix(4096))
            add(FuzzTarget.frames, "segment-\(number)", [2] + bytes.dropFirst(4096))
            add(FuzzTarget.seal, "segment-\(number)", [0x80] + bytes.dropFirst(4096))
        }
        try addFrames(of: segments[0])
        addStores(segments)
        try addShortened()
        addStructures()
        for count in 1...2 { try addPack(batchCount: count) }
    }

    private static var emptyDisk: SimulatedDisk {
        let disk = SimulatedDisk(directories: ["store/seg"])
        disk.canAllocate = false
        return disk
    }

    private mutating func add(_ target: FuzzTarget, _ name: String, _ bytes: [UInt8]) {
        inputs[target.name, default: [:]][name] = bytes
    }

    /// Three segments: two sealed, and one that is not.
    private static func fill(_ disk: SimulatedDisk) throws -> LogWriter<SimulatedFileSystem> {
        var options = LogOptions(segmentByteCountMax: 9 << 10, frameByteCountTarget: 1 << 10)
        options.random = { Stamp.segmentSalt }
        let writer = try LogWriter.open("store", files: disk.fileSystem, options: options, now: { 7 }).writer
        for seed in 1...5 as ClosedRange<UInt64> {
            var execution = Sample.execution(seed: seed, eventCount: Int(seed), payloadByteCountMax: 200)
            if seed == 2 { execution.events[0].payload = [UInt8](repeating: 1, count: FormatLimit.pieceByteCount + 9) }
            var encoder = try BatchEncoder(
                execution, encoder: FrameEncoder(storeSalt: writer.storeSalt), frameByteCountTarget: 1 << 10)
            while let batch = encoder.next() { _ = try writer.write([batch]) }
            try writer.sync()
            writer.background.runAll()
        }
        return writer
    }

    /// The same log without two executions and without its front: a tombstone, and segments that were written anew.
    private mutating func addShortened() throws {
        let disk = Self.emptyDisk
        let writer = try Self.fill(disk)
        let deleted = [2, 4].map { Sample.execution(seed: $0, eventCount: 1).id }
        let encoder = FrameEncoder(storeSalt: writer.storeSalt)
        for id in deleted { _ = try writer.write([EncodedBatch(deleting: id, at: 7, encoder: encoder)]) }
        try writer.sync()
        writer.background.runAll()
        try writer.dropSegments(before: 2)
        try writer.close()
        let directory = try LogDirectory("store", files: disk.fileSystem, access: .read)
        for listed in directory.segments where listed.isSealed {
            let segment = try SegmentFile(
                opening: listed.name, in: directory.segmentDirectory, files: disk.fileSystem, access: .read)
            _ = try SegmentRewrite.run(
                segment, in: directory.segmentDirectory, files: disk.fileSystem, dropping: Set(deleted),
                salt: Stamp.segmentSalt)
        }
        let head = Self.packed(0, 0, Self.slots(of: disk))
        var (kept, both): ([UInt8], [UInt8]) = ([], [])
        for path in disk.paths.filter({ $0.hasSuffix(".rpl") }) {
            guard let name = SegmentName(String(path.dropFirst("store/seg/".count))), let bytes = disk.bytes(of: path)
            else { continue }
            let isNew = name.generation > 0
            let packed = Self.packed(Int(name.segment), isNew ? 4 : 0, Self.shortHeader(bytes))
            both += packed
            if isNew || name.segment > 3 { kept += packed }
            let title = "shortened-\(name.segment)-\(name.generation)"
            add(FuzzTarget.segmentHeader, title, [0] + bytes.prefix(4096))
            for level in [1, 2] as [UInt8] {
                add(FuzzTarget.frames, "\(title)-\(level)", [isNew ? level | 0x80 : level] + bytes.dropFirst(4096))
            }
            add(FuzzTarget.seal, title, [0x80] + bytes.dropFirst(4096))
        }
        // With the links that a rewriting leaves, which are not those of frames that follow each other.
        for (name, bytes) in ["shortened": head + kept, "generations": head + both, "shortened-no-head": both] {
            add(FuzzTarget.recovery, "\(name)-1", [1] + bytes)
            add(FuzzTarget.salvage, "\(name)-1", [1] + bytes)
        }
    }

    /// An execution in a file of its own, in two batches or cut behind the first.
    private mutating func addPack(batchCount: Int) throws {
        let path = "\(batchCount).rpx"
        var pack = try PortableSegment(
            disk.fileSystem.open(path, .create), storeID: Stamp.storeID, storeSalt: Stamp.storeSalt,
            segmentSalt: Stamp.segmentSalt, now: 1)
        let execution = Sample.execution(seed: 4, eventCount: 5, payloadByteCountMax: 300)
        for (index, first) in [0, 3].prefix(batchCount).enumerated() {
            let batch = EventBatch(
                executionID: execution.id, firstEvent: UInt64(first),
                events: Array(execution.events[first..<[3, 5][index]]), metadata: execution.metadata, isLast: index == 1
            )
            try pack.append(
                BatchEncoder.encode(
                    batch, encoder: FrameEncoder(storeSalt: Stamp.storeSalt), frameByteCountTarget: 1 << 10))
        }
        try pack.seal()
        for level in [0, 2] as [UInt8] {
            add(
                FuzzTarget.pack, "batches-\(batchCount)-\(level)",
                [level] + (disk.bytes(of: path) ?? []).dropFirst(4096))
        }
    }

    private mutating func addFrames(of segment: [UInt8]) throws {
        let header = try SegmentHeader(parsing: segment.rawSpan)
        var offset = SegmentHeader.byteCount
        while offset + FrameHeader.byteCount < segment.count {
            let bytes = Array(segment[offset...])
            let position = Position(segment: 1, offset: offset)
            guard
                let frame = try? FrameHeader(
                    parsing: bytes.rawSpan, at: position, segmentSalt: header.segmentSalt)
            else { break }
            add(FuzzTarget.payload, "frame-\(frame.frameSequence)", [2] + bytes.prefix(frame.frameByteCount))
            offset += frame.frameByteCount
        }
    }

    private mutating func addStores(_ segments: [[UInt8]]) {
        let slots = Self.slots(of: disk)
        add(FuzzTarget.head, "closed", [0] + slots)
        func packed(segment number: Int, _ look: UInt8 = 0, dropping count: Int = 0) -> [UInt8] {
            Self.packed(number, look, Self.shortHeader(segments[number - 1].dropLast(count)))
        }
        let numbers = Array(1...segments.count)
        let all = numbers.flatMap { packed(segment: $0) }
        let last = segments.count
        let stores: [String: [UInt8]] = [
            "closed": Self.packed(0, 0, slots) + all, "no-head": all, "one": packed(segment: 1),
            "torn": numbers.dropLast().flatMap { packed(segment: $0) } + packed(segment: last, dropping: 40),
            "room": numbers.flatMap { packed(segment: $0, 2) },
            "spare": packed(segment: 1) + packed(segment: 2, 1),
            "generation": packed(segment: 1) + packed(segment: 2, 4),
            "no-trailer": packed(segment: 1, dropping: 64), "gap": packed(segment: 1) + packed(segment: last),
        ]
        for (name, bytes) in stores {
            for level in [0, 2] as [UInt8] {
                add(FuzzTarget.recovery, "\(name)-\(level)", [level] + bytes)
                add(FuzzTarget.salvage, "\(name)-\(level)", [level] + bytes)
            }
        }
    }

    /// A file of a store as ``FuzzStore`` takes it.
    private static func packed(_ number: Int, _ look: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var entry: [UInt8] = [UInt8(number), look]
        entry.append(littleEndian: UInt32(bytes.count))
        return entry + bytes
    }

    /// A segment of whose header nothing is left but what is not zero, without its hash.
    private static func shortHeader(_ segment: [UInt8]) -> [UInt8] {
        Array(segment.prefix(128) + segment.dropFirst(4096))
    }

    private static func slots(of disk: SimulatedDisk) -> [UInt8] {
        let head = disk.bytes(of: "store/HEAD") ?? []
        return (0..<3).flatMap { head[$0 * 4096..<$0 * 4096 + 128] }
    }

    private mutating func addStructures() {
        let execution = Sample.execution(seed: 3, eventCount: 2)
        var metadata = execution.metadata
        metadata.count(.http)
        metadata.requestID = "r"
        add(FuzzTarget.metadata, "meta", [0] + metadata.encoded)
        let exchange = HTTPExchange(
            request: HTTPRequestRecord(
                method: "POST", url: "http://a.example/b", version: "HTTP/1.1", headers: [HTTPHeader("A", "b")],
                body: [1, 2, 3]),
            response: HTTPResponseRecord(status: 200, reason: "OK", version: "", headers: [], body: [4]))
        let event = exchange.event(sequence: 0)
        add(FuzzTarget.metadata, "descriptor", [1] + event.descriptor)
        add(FuzzTarget.metadata, "parts", [2] + event.payload)
        add(FuzzTarget.metadata, "exchange", [3] + event.payload)
        let text = [UInt8](repeating: 97, count: 300) + Array("the end of it".utf8)
        add(FuzzTarget.lz4, "block", [57, 1, 0, 0] + (LZ4.compressed(text) ?? []))
        var sections: [UInt8] = []
        for (section, bytes) in [(4, BloomFilter(idCount: 1).encoded), (5, [UInt8](repeating: 0, count: 24))] {
            sections += [UInt8(section), 0, UInt8(bytes.count), 0] + bytes
        }
        add(FuzzTarget.seal, "sections", [0] + sections)
    }
}
