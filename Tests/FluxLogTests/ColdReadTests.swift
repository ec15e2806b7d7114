import FluxFiles
import FluxFormat
import Synchronization
import TestSupport
import Testing

@testable import FluxLog

/// A file of which the system has only the first bytes in memory, until they are read.
private final class ColdFile: StoredFile {
    let path = "cold"
    private let bytes: [UInt8]
    /// Behind what is in memory.
    private let warmEnd: Atomic<Int>
    /// What was asked to be read ahead.
    let asked = Mutex<[Range<Int>]>([])

    init(_ bytes: [UInt8], warmEnd: Int) {
        self.bytes = bytes
        self.warmEnd = Atomic(warmEnd)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        let count = max(0, min(buffer.count, bytes.count - offset))
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
        warmEnd.max(offset + count, ordering: .relaxed)
        return count
    }

    func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(IOError) -> Int {
        let count = max(0, min(buffer.count, warmEnd.load(ordering: .relaxed) - offset))
        return count == 0 ? 0 : try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<count]), at: offset)
    }

    func readAhead(_ range: Range<Int>) { asked.withLock { $0.append(range) } }

    func warm(_ range: Range<Int>) { warmEnd.max(range.upperBound, ordering: .relaxed) }

    func byteCount() throws(IOError) -> Int { bytes.count }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(IOError) {}
    func sync() throws(IOError) {}
    func truncate(to byteCount: Int) throws(IOError) {}
    func allocate(_ byteCount: Int) throws(IOError) -> Bool { false }
    func dropCache() {}
    func tryLock() throws(IOError) -> Bool { true }
    func isLockedByOther() throws(IOError) -> Bool { false }
}

@Suite("Reading what is not in memory")
struct ColdReadTests {
    /// A segment of several frames, its bytes and what a scan of them gives.
    private static func segment() throws -> (SegmentFile<MemoryFile>, bytes: [UInt8], frames: [ScannedFrame]) {
        var options = LogOptions()
        options.frameByteCountTarget = 4 << 10
        let log = TestLog(options: options)
        let writer = try log.open().writer
        for seed in 0..<40 as Range<UInt64> {
            var execution = Sample.execution(seed: seed, eventCount: 8)
            var generator = SeededGenerator(seed: seed)
            for index in execution.events.indices {
                execution.events[index].payload = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            }
            try log.append(execution, to: writer)
        }
        let segment = try #require(try log.segments().first)
        let end = try LogTail(walking: segment, evidence: .none).end
        var scan = SegmentScan<MemoryFile>()
        scan.begin(segment.file, segment: segment.header, end: end)
        var frames: [ScannedFrame] = []
        while let frame = try scan.next() { frames.append(frame) }
        return (segment, Array(try segment.file.read(byteCount: end, at: 0)), frames)
    }

    @Test("A scan that may not wait says so, and goes on at the same frame", arguments: [true, false])
    func scan(isHeads: Bool) throws {
        let (segment, bytes, frames) = try Self.segment()
        try #require(frames.count > 20 && bytes.count > 512 << 10)
        let file = ColdFile(bytes, warmEnd: 4096 + 50)
        var scan = SegmentScan<ColdFile>()
        scan.begin(file, segment: segment.header, end: bytes.count)
        var found: [Position] = []
        var pendingCount = 0
        reading: while true {
            switch try scan.step(isHeads ? .heads : .verified, mayWait: false) {
            case .frame(let frame): found.append(frame.position)
            case .end: break reading
            case .pending:
                pendingCount += 1
                guard let awaited = scan.awaited else {
                    Issue.record("nothing is waited for")
                    return
                }
                #expect(awaited.file === file && !awaited.bytes.isEmpty)
                // One byte at first: a frame may be pending more than once.
                file.warm(pendingCount == 1 ? awaited.bytes.lowerBound..<awaited.bytes.lowerBound + 60 : awaited.bytes)
            }
        }
        #expect(found == frames.map(\.position) && pendingCount > 3)
        // A pass over heads wants little of what lies ahead.
        #expect(file.asked.withLock(\.isEmpty) == isHeads)
    }

    @Test("A scan that waits has the system read ahead of it, each byte once")
    func readAhead() throws {
        let (segment, bytes, frames) = try Self.segment()
        let file = ColdFile(bytes, warmEnd: 0)
        var scan = SegmentScan<ColdFile>()
        scan.begin(file, segment: segment.header, end: bytes.count)
        var count = 0
        while try scan.next() != nil { count += 1 }
        #expect(count == frames.count)
        let asked = file.asked.withLock { $0 }
        #expect(asked.first?.lowerBound == 4096 && asked.last?.upperBound == bytes.count)
        #expect(zip(asked, asked.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    }

    @Test("Frames are loaded from their places, or waited for, heads alone too", arguments: [true, false])
    func loader(isHeads: Bool) throws {
        let (segment, bytes, frames) = try Self.segment()
        let file = ColdFile(bytes, warmEnd: 0)
        var loader = FrameLoader()
        var pendingCount = 0
        for frame in frames where frame.header.frameKind == .events {
            let place = FrameLoader.Place(
                position: frame.position, byteCount: frame.header.frameByteCount,
                runByteCount: bytes.count - frame.position.offset)
            var header: FrameHeader?
            repeat {
                header = try loader.load(
                    isHeads ? .heads : .unverified, file, segment: segment.header, at: place, mayWait: false)
                if header == nil {
                    pendingCount += 1
                    file.warm(loader.awaited.lowerBound..<loader.awaited.lowerBound + 120)
                }
            } while header == nil
            #expect(header == frame.header)
            var decoder = FrameDecoder()
            try decoder.decode(
                frame.header, payload: loader.payload, storeSalt: segment.header.storeSalt,
                parts: isHeads ? .heads : .all)
            let counts = (decoder.recordCount, Int(frame.header.eventCount) + (decoder.hasMetadata ? 1 : 0))
            #expect(counts.0 >= counts.1)
        }
        #expect(pendingCount > frames.count)
    }

    @Test("Heads of a frame whose prologue lies about them are refused, where it is scanned and where it is loaded")
    func falsePrologue() throws {
        let (segment, bytes, frames) = try Self.segment()
        let frame = frames[0]
        var damaged = bytes
        // The stored size of the heads.
        damaged.store(UInt32.max, at: frame.position.offset + 96 + 16)
        let file = ColdFile(damaged, warmEnd: damaged.count)
        var scan = SegmentScan<ColdFile>()
        scan.begin(file, segment: segment.header, end: bytes.count)
        #expect(throws: LogError.self) { _ = try scan.step(.heads, mayWait: true) }
        var loader = FrameLoader()
        let place = FrameLoader.Place(
            position: frame.position, byteCount: frame.header.frameByteCount, runByteCount: 0)
        #expect(throws: LogError.self) {
            _ = try loader.load(.heads, file, segment: segment.header, at: place, mayWait: true)
        }
    }

    @Test("A scan from a frame in the middle takes it for the first of the chain, and no other place for a frame")
    func middle() throws {
        let (segment, bytes, frames) = try Self.segment()
        let file = ColdFile(bytes, warmEnd: bytes.count)
        var scan = SegmentScan<ColdFile>()
        scan.begin(file, segment: segment.header, end: bytes.count)
        scan.skip(toFrameAt: frames[10].position.offset)
        #expect(try scan.next()?.position == frames[10].position)
        #expect(try scan.next()?.position == frames[11].position)
        scan.skip(toFrameAt: frames[10].position.offset + 8)
        #expect(throws: LogError.self) { try scan.next() }
        scan.skip(toFrameAt: bytes.count)
        #expect(try scan.next() == nil)
    }
}
