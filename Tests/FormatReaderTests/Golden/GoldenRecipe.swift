import FluxFiles
import FluxFormat
import FluxLog
import FluxStore
import Foundation
import SimulatedDisk
import Synchronization
import TestSupport
import Testing

/// How the stores in `Fixtures/stores` were made. Seeds decide ids, salts and contents, and the clock counts; only LZ4 may
/// compress otherwise in another version.
struct GoldenRecipe {
    private let disk = SimulatedDisk(directories: ["store/seg"])
    private let writer: LogWriter<SimulatedFileSystem>

    init() throws {
        let seeds = Counter(1)
        let times = Counter(1_700_000_000_000_000_000)
        var options = LogOptions(segmentByteCountMax: 64 << 10, frameByteCountTarget: 16 << 10)
        options.reserveByteCountMin = 32 << 10
        options.random = {
            var generator = SeededGenerator(seed: seeds.next())
            return generator.next()
        }
        writer = try LogWriter.open("store", files: disk.fileSystem, options: options, now: { times.next() }).writer
        writer.background.runAll()
    }

    /// Closed in order: sealed segments, and a last one that is gone on in.
    static func closed() throws -> SimulatedDisk {
        let recipe = try GoldenRecipe()
        try recipe.appendAll()
        try recipe.writer.close()
        return recipe.disk
    }

    /// As a loss of power leaves it, while a group was written: a torn tail, room that was reserved, a spare.
    static func killed() throws -> SimulatedDisk {
        let recipe = try GoldenRecipe()
        try recipe.appendAll()
        for seed in 80..<84 as Range<UInt64> { try recipe.write(Sample.execution(seed: seed, eventCount: 6)) }
        for seed: UInt64 in 1... {
            var generator = SeededGenerator(seed: seed)
            let crashed = recipe.disk.crashed(CrashMode(.tornPrefix, names: .kept), using: &generator)
            let directory = try LogDirectory("store", files: crashed.fileSystem, access: .read)
            let tail = try LogTail(
                walking: try #require(directory.last), evidence: try #require(directory.head?.evidence))
            if case .torn = tail.rest { return crashed }
        }
        preconditionFailure("a range without an end")
    }

    /// Opened and closed, with nothing in it.
    static func empty() throws -> SimulatedDisk {
        let recipe = try GoldenRecipe()
        try recipe.writer.close()
        return recipe.disk
    }

    /// One bit of an acknowledged payload is another, in the segment that is appended to.
    static func damaged() throws -> SimulatedDisk {
        let disk = try small()
        disk.flipBit(3, at: 4096 + 96 + 48 + 200, of: "store/seg/00000002.0000.rpl")
        return disk
    }

    /// One bit of an acknowledged payload is another, in a sealed segment.
    static func damagedSealed() throws -> SimulatedDisk {
        let disk = try small()
        disk.flipBit(5, at: 20000, of: "store/seg/00000001.0000.rpl")
        return disk
    }

    /// What a store of format 1.1 has: its front was dropped under an execution that goes on, executions are deleted, and
    /// two segments were written anew, one of them twice.
    static func shortened() throws -> SimulatedDisk {
        let recipe = try GoldenRecipe()
        let cut = Sample.execution(seed: 33, eventCount: 8)
        try recipe.appendPart(of: cut, 0..<5, isLast: false)
        try recipe.appendAll()
        try recipe.appendPart(of: cut, 5..<8, isLast: true)
        try recipe.delete(deleted)
        try recipe.rewrite(2, without: deleted)
        try recipe.rewrite(4, without: Array(deleted.prefix(1)))
        try recipe.rewrite(4, without: deleted)
        try recipe.dropFront(before: 2)
        try recipe.write(Sample.execution(seed: 66, eventCount: 9))
        try recipe.writer.sync()
        try recipe.writer.close()
        return recipe.disk
    }

    /// What is deleted there: one in parts over three segments, one in pieces, and two of one batch.
    static let deleted = [31, 41, 11, 61].map { Sample.execution(seed: $0, eventCount: 1).id }

    /// Two segments, closed in order.
    static func small() throws -> SimulatedDisk {
        let recipe = try GoldenRecipe()
        try recipe.appendSamples()
        try recipe.writer.close()
        return recipe.disk
    }
}

extension GoldenRecipe {
    private func appendSamples() throws {
        for seed in 1...12 as ClosedRange<UInt64> {
            try write(Sample.execution(seed: seed, eventCount: Int(seed * 3) % 17))
            try writer.sync()
            writer.background.runAll()
        }
    }

    private func appendAll() throws {
        try appendSamples()
        for execution in Self.shapes { try write(execution) }
        try writer.sync()
        writer.background.runAll()
        try appendParts()
        for seed in 60..<66 as Range<UInt64> {
            try write(Sample.execution(seed: seed, eventCount: 9))
            try writer.sync()
        }
        writer.background.runAll()
    }

    private func write(_ execution: Execution) throws {
        var encoder = try BatchEncoder(
            execution, encoder: FrameEncoder(storeSalt: writer.storeSalt), frameByteCountTarget: 16 << 10)
        while let batch = encoder.next() { _ = try writer.write([batch]) }
    }

    /// Three executions in parts, which take turns. One of them does not end.
    private func appendParts() throws {
        let executions = (30..<33 as Range<UInt64>).map { Sample.execution(seed: $0, eventCount: 60) }
        for first in stride(from: 0, to: 60, by: 5) {
            for (number, execution) in executions.enumerated() where number < 2 || first < 40 {
                try appendPart(of: execution, first..<first + 5, isLast: first == 55)
            }
            try writer.sync()
            writer.background.runAll()
        }
    }

    private func appendPart(of execution: Execution, _ events: Range<Int>, isLast: Bool) throws {
        var metadata = execution.metadata
        if isLast {
            for event in execution.events { metadata.count(event.kind) }
        } else {
            (metadata.status, metadata.durationNanoseconds) = (.running, nil)
        }
        let part = EventBatch(
            executionID: execution.id, firstEvent: UInt64(events.lowerBound),
            events: Array(execution.events[events]), metadata: metadata, isLast: isLast)
        _ = try writer.write([
            try BatchEncoder.encode(
                part, encoder: FrameEncoder(storeSalt: writer.storeSalt), frameByteCountTarget: 16 << 10)
        ])
    }

    private func delete(_ ids: [ExecutionID]) throws {
        let encoder = FrameEncoder(storeSalt: writer.storeSalt)
        for id in ids {
            _ = try writer.write([EncodedBatch(deleting: id, at: 1_700_000_001_000_000_000, encoder: encoder)])
        }
        try writer.sync()
        writer.background.runAll()
    }

    /// Writes the next generation of a segment, and removes the one before.
    private func rewrite(_ number: UInt32, without ids: [ExecutionID]) throws {
        let directory = try LogDirectory("store", files: disk.fileSystem, access: .read)
        let listed = try #require(directory.segments.first { $0.name.segment == number })
        let file = try SegmentFile(
            opening: listed.name, in: directory.segmentDirectory, files: disk.fileSystem, access: .read)
        let segment = try #require(try file.sealed(endingAt: listed.end.offset))
        _ = try SegmentRewrite.run(
            segment, in: directory.segmentDirectory, files: disk.fileSystem, dropping: Set(ids),
            salt: UInt64(number) << 32 | UInt64(listed.name.generation))
        try disk.fileSystem.remove(listed.path)
    }

    private func dropFront(before number: UInt32) throws {
        try writer.dropSegments(before: number)
        for segment in 1..<number {
            try disk.fileSystem.remove("store/seg/\(SegmentName(segment: segment).fileName)")
        }
    }

    /// Executions that have what others lack.
    private static var shapes: [Execution] {
        [
            kinds, pieces, texts,
            Execution(id: id(43), metadata: ExecutionMetadata(app: "", name: "", source: "", status: .ok), events: []),
        ]
    }

    /// Every kind of event, and every encoding and flag of a payload.
    private static var kinds: Execution {
        var events = [exchange.event(sequence: 0)]
        for (place, kind) in (Array(17...35) + [0x8000, 0xFFFF] as [UInt16]).enumerated() {
            var descriptor = EventDescriptor(effect: place % 2 == 0 ? .read : .write, outcome: .value)
            descriptor.site = "orders.swift:\(place)"
            descriptor.adapter = "golden 1"
            events.append(
                Event(
                    kind: EventKind(rawValue: kind), flags: EventFlags(rawValue: UInt8(place % 16)),
                    encoding: PayloadEncoding(rawValue: UInt8(place % 5)), lane: place % 3 == 0 ? "/a/b" : "",
                    sequence: UInt32(place + 1), issued: UInt32(2 * place + 3), done: UInt32(place % 4 * 8),
                    offsetNanoseconds: place % 5 == 0 ? nil : UInt64(place), name: "kind-\(kind)",
                    descriptor: descriptor.encoded, payload: Array("payload of kind \(kind)".utf8)))
        }
        let metadata = ExecutionMetadata(
            app: "shop", name: "checkout", source: "golden", route: "/orders/{id}", status: .failed,
            startedAt: 1_700_000_000_123_456_789, durationNanoseconds: 987_654_321, requestID: "req-1",
            traceID: "4bf92f3577b34da6a3ce929d0e0e4736", sdkVersion: "1.0.0", errorFingerprint: "e3b0c442",
            tags: ["region": "eu", "tier": "", "": "no key", "ключ": "значение"])
        return Execution(id: id(40), metadata: metadata, events: events)
    }

    private static var exchange: HTTPExchange {
        HTTPExchange(
            request: HTTPRequestRecord(
                method: "POST", url: "https://api.example.com/orders?id=7", version: "HTTP/1.1",
                headers: [HTTPHeader("Accept", "*/*"), HTTPHeader("accept", "text/html")], body: Array("{}".utf8)),
            response: HTTPResponseRecord(
                status: 201, reason: "Created", version: "HTTP/1.1",
                headers: [HTTPHeader("Content-Type", "application/json")], body: Array(#"{"ok":true}"#.utf8)),
            offsetNanoseconds: 12, durationNanoseconds: 3456)
    }

    /// An event in pieces, between two that are whole; what repeats takes no room.
    private static var pieces: Execution {
        var execution = Sample.execution(seed: 41, eventCount: 3)
        execution.events[1].payload = (0..<FormatLimit.pieceByteCount + 4321).map {
            UInt8(truncatingIfNeeded: $0 % 251)
        }
        return execution
    }

    /// Texts that must come back as they were, and an execution without times.
    private static var texts: Execution {
        var execution = Sample.execution(seed: 42, eventCount: 8)
        execution.metadata = ExecutionMetadata(
            app: "Grüße", name: "e\u{301}te", source: "日本", route: "/🙂", status: .cancelled, requestID: "r\u{0}1",
            traceID: "",
            tags: ["b": "\n\t\""])
        for index in execution.events.indices {
            execution.events[index].name = ["e\u{301}", "\u{e9}", "", "🙂"][index % 4]
            execution.events[index].lane = ["/e\u{301}", "/\u{e9}", "/x/🙂"][index % 3]
            execution.events[index].offsetNanoseconds = nil
        }
        return execution
    }

    private static func id(_ seed: UInt64) -> ExecutionID { ExecutionID(bits: (seed << 40, seed)) }
}

/// Counts up, from any thread.
private final class Counter: Sendable {
    private let state: Mutex<UInt64>

    init(_ first: UInt64) { state = Mutex(first) }

    func next() -> UInt64 {
        state.withLock { value in
            value += 1
            return value
        }
    }
}
