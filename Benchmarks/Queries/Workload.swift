import FluxFormat
import FluxIndex
import Foundation
import TestSupport

/// What executions carry besides.
struct Extras: OptionSet, CustomStringConvertible {
    let rawValue: Int

    static let none: Extras = []
    static let request = Extras(rawValue: 1)
    static let trace = Extras(rawValue: 2)
    static let tags = Extras(rawValue: 4)
    static let all: Extras = [.request, .trace, .tags]

    var description: String {
        switch self {
        case .request: "a request id of 36 bytes"
        case .trace: "a trace id of 32 bytes"
        default: "two tags"
        }
    }
}

/// Executions of three apps with 50 routes, taken by Zipf's law, 5 % of them failed.
struct Workload {
    static let routeCount = 50
    static let firstStart: UInt64 = 1_700_000_000_000_000_000
    /// Nanoseconds from one start to the next, about.
    static let stepNanoseconds: UInt64 = 20_000_000

    private let count: Int
    private let extras: Extras
    private var generator: SeededGenerator
    private let routeBounds: [Double]
    private var sequence: UInt64 = 1
    private var offset = 4096
    private var segment: UInt32 = 1

    init(count: Int, extras: Extras) {
        self.count = count
        self.extras = extras
        generator = SeededGenerator(seed: 7)
        var sum = 0.0
        var bounds: [Double] = []
        for rank in 1...Self.routeCount {
            sum += 1 / Double(rank)
            bounds.append(sum)
        }
        routeBounds = bounds.map { $0 / sum }
    }

    static let apps = ["shop", "desk", "mail"]

    static func app(ofRoute route: Int) -> String { apps[route % 3] }
    static func requestID(_ number: Int) -> String { ExecutionID(high: UInt64(number), low: 9).description }
    static func traceID(_ number: Int) -> String {
        let digits = String(number / 3, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// The next frame of an execution that lies whole in it, and where the log ends then.
    mutating func next() -> (frame: IndexedFrame, applied: AppliedPosition) {
        let number = Int(sequence) - 1
        let metadata = metadata(number)
        let rawByteCount = UInt32.random(in: 500...60_000, using: &generator)
        var header = FrameHeader(
            kind: .events, codec: 1, flags: [.batchFirst, .batchLast, .executionFirst, .executionLast],
            storedByteCount: rawByteCount / 3, rawByteCount: rawByteCount,
            executionID: ExecutionID(
                unixMilliseconds: (metadata.startedAt ?? 0) / 1_000_000, bits: (generator.next(), generator.next())),
            firstEvent: 0, eventCount: UInt16(metadata.eventCount), payloadHash: 0)
        header.frameSequence = sequence
        header.headerHash = generator.next()
        // A tenant has apps of its own.
        header.tenantID = UInt32(Self.apps.firstIndex(of: metadata.app) ?? 0)
        if offset + header.frameByteCount > 128 << 20 { (segment, offset) = (segment + 1, 4096) }
        let position = Position(segment: segment, offset: offset)
        offset += header.frameByteCount
        sequence += 1
        return (
            IndexedFrame(header: header, position: position, generation: 0, metadata: EncodedMetadata(metadata)),
            AppliedPosition(
                position: Position(segment: segment, offset: offset), nextFrameSequence: sequence)
        )
    }

    private mutating func metadata(_ number: Int) -> ExecutionMetadata {
        let point = Double.random(in: 0..<1, using: &generator)
        let route = routeBounds.firstIndex { point < $0 } ?? 0
        let chance = Int.random(in: 0..<1000, using: &generator)
        let isFailed = chance < 50
        // Shaped as a product of chances: few are slow.
        var duration = 1_000_000.0
        for _ in 0..<8 { duration *= Double.random(in: 0.6...3, using: &generator) }
        var metadata = ExecutionMetadata(
            app: Self.app(ofRoute: route), name: "handler\(route)", source: chance == 999 ? "har" : "flux",
            route: "/route/\(route)", status: isFailed ? .failed : chance < 55 ? .cancelled : .ok,
            startedAt: Self.firstStart + UInt64(number) * Self.stepNanoseconds
                + UInt64.random(in: 0..<(4 * Self.stepNanoseconds), using: &generator),
            durationNanoseconds: UInt64(duration), sdkVersion: "1.\(min(2, number * 3 / count))",
            errorFingerprint: isFailed ? "failure-\(route * 4 + chance % 4)" : nil)
        for kind in [EventKind.input, .output, .http, .http, .clock, .random, .log] { metadata.count(kind) }
        for _ in 0..<Int.random(in: 0...34, using: &generator) {
            metadata.count([.clock, .random, .http].randomElement(using: &generator) ?? .clock)
        }
        if extras.contains(.request) { metadata.requestID = Self.requestID(number) }
        if extras.contains(.trace) { metadata.traceID = Self.traceID(number) }
        if extras.contains(.tags) {
            metadata.tags = ["customer": "c\(number % 1000)", "stage": number % 10 == 0 ? "test" : "live"]
            if number % 500 == 0 { metadata.tags["canary"] = "yes" }
        }
        return metadata
    }
}

/// Makes an index of the workload, as a store does behind its log.
struct IndexBuild {
    let count: Int
    let extras: Extras
    private static let batchCount = 2048

    struct Result {
        var bytesPerExecution: Double
        var rowsPerSecond: Double

        var bytesText: String { String(format: "%.1f", bytesPerExecution) }
        var rateText: String { String(format: "%.0f", rowsPerSecond) }
    }

    init(count: Int, extras: Extras) {
        self.count = count
        self.extras = extras
    }

    /// Times are those of the thread on its processor, in `apply` and in checkpoints.
    func run(at path: String) throws -> Result {
        let index = try MetadataIndex.open(path: path, storeID: QueryBench.storeID, access: .readWrite)
        var workload = Workload(count: count, extras: extras)
        var time = 0.0
        var batchCount = 0
        var left = count
        while left > 0 {
            var frames: [IndexedFrame] = []
            var applied = AppliedPosition.zero
            for _ in 0..<min(left, Self.batchCount) {
                let next = workload.next()
                frames.append(next.frame)
                applied = next.applied
            }
            left -= frames.count
            batchCount += 1
            time += try milliseconds {
                try index.apply(frames, through: applied)
                if batchCount % 64 == 0 { try index.checkpoint() }
            }
        }
        time += try milliseconds { try index.close() }
        return Result(
            bytesPerExecution: Double(try index.byteCount()) / Double(count), rowsPerSecond: Double(count) / time * 1000
        )
    }
}
