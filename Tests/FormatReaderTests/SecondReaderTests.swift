import FluxFormat
import FluxImport
import FluxStore
import Foundation
import TestSupport
import Testing

private let corpusPath = ProcessInfo.processInfo.environment["FLUX_CORPUS"]

@Suite(
    "What a reader written from the format page finds",
    .enabled(if: PythonReader.isRequired, "Python's modules lz4 and xxhash are missing; `make test` installs them"))
struct SecondReaderTests {
    @Test("It finds what the store finds: executions of all shapes in several segments")
    func shapes() async throws {
        let folder = try TemporaryFolder()
        try await append(Sample.shapes, to: folder.path, options: StoreOptions(segmentByteCountMax: 16 << 10))
        let totals = try await compare(folder.path)
        #expect(totals.segments > 4)
        #expect(totals.executions == Sample.shapes.count)
    }

    @Test("It finds what the store finds: frames of the least size, and segments over several openings")
    func openings() async throws {
        let folder = try TemporaryFolder()
        let options = StoreOptions(segmentByteCountMax: 64 << 10, frameByteCountTarget: 4 << 10)
        for round in 0..<3 {
            let executions = (0..<10).map { Sample.execution(seed: UInt64(round * 10 + $0), eventCount: 24) }
            try await append(executions, to: folder.path, options: options)
        }
        #expect(try await compare(folder.path).executions == 30)
    }

    @Test("It finds what the store finds: an execution of several batches, and a seal of it")
    func batches() async throws {
        let folder = try TemporaryFolder()
        var large = Sample.execution(seed: 1, eventCount: 40)
        for index in large.events.indices {
            large.events[index].payload = Array(repeating: UInt8(index), count: 1 << 20)
        }
        let executions = [large] + (2..<40).map { Sample.execution(seed: $0, eventCount: 12) }
        try await append(executions, to: folder.path, options: StoreOptions(segmentByteCountMax: 128 << 10))
        #expect(try await compare(folder.path).executions == 39)
    }

    @Test("It finds what the store finds: a seal over a start of 0, in either order", arguments: [[0, 5], [5, 0]])
    func startOfZero(starts: [UInt64]) async throws {
        let folder = try TemporaryFolder()
        var executions = (0..<8).map { Sample.execution(seed: $0, eventCount: $0 < 2 ? 0 : 8) }
        for index in executions.indices { executions[index].metadata.startedAt = nil }
        for (index, start) in starts.enumerated() { executions[index].metadata.startedAt = start }
        try await append(executions, to: folder.path, options: StoreOptions(segmentByteCountMax: 16 << 10))
        #expect(try await compare(folder.path).segments > 1)
    }

    @Test("It finds what the store finds: executions that were appended in parts, one of them without its end")
    func parts() async throws {
        let folder = try TemporaryFolder()
        let store = try EventStore.open(at: folder.path, options: StoreOptions(segmentByteCountMax: 16 << 10))
        for seed in 1...3 as ClosedRange<UInt64> {
            let execution = Sample.execution(seed: seed, eventCount: 20)
            for first in [0, 5, 15] where seed < 3 || first < 15 {
                let events = execution.events[first..<min(first == 5 ? 15 : first + 5, 20)]
                var metadata = execution.metadata
                for event in execution.events where first == 15 { metadata.count(event.kind) }
                let batch = EventBatch(
                    executionID: execution.id, firstEvent: UInt64(first), events: Array(events), metadata: metadata,
                    isLast: first == 15)
                try await store.append(batch, durability: first == 0 ? .written : .durable)
            }
        }
        await store.close()
        #expect(try await compare(folder.path).events == 55)
    }

    @Test("It finds what the store finds: a store without executions")
    func empty() async throws {
        let folder = try TemporaryFolder()
        try await append([], to: folder.path)
        #expect(try await compare(folder.path).executions == 0)
    }

    @Test("It finds what the store finds: the recordings of Fixtures")
    func recordings() async throws {
        #expect(try await compareImported("\(projectRoot)/Fixtures/recordings").executions == 47)
    }

    @Test(
        "It finds what the store finds: the corpus",
        .enabled(if: corpusPath != nil, "FLUX_CORPUS names no folder of recordings"))
    func corpus() async throws {
        let totals = try await compareImported(try #require(corpusPath))
        print("the corpus: \(totals.executions) executions, \(totals.events) events, \(totals.frames) frames")
    }

    @Test("It says which folder is no store")
    func noStore() throws {
        let folder = try TemporaryFolder()
        let run = try PythonReader.run(folder.path)
        #expect(run.exitCode == 1)
        #expect(run.errors.contains("\(folder.path)/seg"))
    }

    private func append(
        _ executions: [Execution], to path: String, options: StoreOptions = StoreOptions()
    ) async throws {
        let store = try EventStore.open(at: path, options: options)
        for execution in executions { try await store.append(execution) }
        await store.close()
    }

    private func compareImported(_ recordings: String) async throws -> TotalsLine {
        let folder = try TemporaryFolder()
        let store = try EventStore.open(at: folder.path, options: StoreOptions(segmentByteCountMax: 64 << 10))
        for path in FileManager.default.enumerator(atPath: recordings)?.compactMap({ $0 as? String }).sorted() ?? [] {
            guard RecordingReader.isCandidate(path: path),
                let bytes = FileManager.default.contents(atPath: "\(recordings)/\(path)"),
                let file = try? RecordingReader().recordings(in: Array(bytes), path: path)
            else { continue }
            for execution in file.executions { try await store.append(execution) }
        }
        await store.close()
        return try await compare(folder.path)
    }

    /// Holds both readers against each other, execution by execution.
    private func compare(_ path: String) async throws -> TotalsLine {
        let found = try ReadStore(byPython: path)
        let expected = try await ReadStore(byStore: path, end: found.totals.end)
        for (line, other) in zip(found.executions, expected.executions) { #expect(line == other) }
        #expect(found.executions.count == expected.executions.count)
        #expect(found.totals == expected.totals)
        try checkEnd(found.totals, in: path)
        return found.totals
    }

    /// The end lies in the last segment, and behind it there is nothing but room.
    private func checkEnd(_ totals: TotalsLine, in path: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/seg").sorted()
        let parts = totals.end.split(separator: ":").compactMap { Int($0) }
        try #require(parts.count == 2)
        let first = names.first { $0.hasSuffix(".rpl") }.flatMap { Int($0.prefix(8), radix: 16) } ?? 1
        #expect(parts[0] == first + totals.segments - 1)
        guard let name = names.last(where: { $0.hasSuffix(".rpl") }) else { return }
        let bytes = try Data(contentsOf: URL(filePath: "\(path)/seg/\(name)"))
        #expect(parts[1] <= bytes.count)
        #expect(bytes.dropFirst(parts[1]).allSatisfy { $0 == 0 })
    }
}

extension Sample {
    /// Executions that differ in what a format may get wrong.
    fileprivate static var shapes: [Execution] {
        var executions = (0..<40).map { execution(seed: UInt64($0), eventCount: $0 % 13) }
        executions[3].events[1].payload = (0..<(3 * FormatLimit.pieceByteCount + 5)).map {
            UInt8(truncatingIfNeeded: $0)
        }
        executions[4].events[2].payload = Array(repeating: 5, count: FormatLimit.pieceByteCount)
        executions[4].events[3].payload = Array(repeating: 6, count: FormatLimit.pieceByteCount + 1)
        executions[5].metadata = ExecutionMetadata(
            app: "Grüße", name: "e\u{301}te", source: "日本", route: "/🙂", status: .cancelled, requestID: "r\u{0}1",
            traceID: "", sdkVersion: "0.1", errorFingerprint: "ffff", tags: ["": "", "ключ": "значение", "b": "\n\t\""])
        for index in executions[5].events.indices {
            executions[5].events[index].name = ["e\u{301}", "\u{e9}", "", "🙂"][index % 4]
            executions[5].events[index].lane = ["/e\u{301}", "/\u{e9}", "/x/🙂"][index % 3]
            executions[5].events[index].offsetNanoseconds = nil
        }
        executions[6].metadata = ExecutionMetadata(app: "", name: "", source: "", status: .ok)
        executions[7].events[0].flags = [.isError, .isSealed, .isMasked, .isCutAtCapture]
        executions[7].events[1].kind = EventKind(rawValue: 0xFFFF)
        executions[7].events[2].encoding = PayloadEncoding(rawValue: 200)
        executions[7].events[3].offsetNanoseconds = 0
        executions[8].events[0].descriptor = Array(repeating: 1, count: FormatLimit.descriptorByteCountMax)
        executions.append(execution(seed: 99, eventCount: 700, payloadByteCountMax: 1500))
        return executions
    }
}

extension SecondReaderTests {
    @Test("It finds what the store finds: a front that was dropped, deletions, and segments that were written anew")
    func lifecycle() async throws {
        let folder = try TemporaryFolder()
        let options = StoreOptions(segmentByteCountMax: 16 << 10)
        let executions = (0..<40).map { Sample.execution(seed: $0, eventCount: 12) }
        try await append(executions, to: folder.path, options: options)
        let store = try EventStore.open(at: folder.path, options: options)
        let first = Sample.execution(seed: 99, eventCount: 9)
        for part in 0..<3 {
            try await store.append(
                EventBatch(
                    executionID: first.id, firstEvent: UInt64(part * 3),
                    events: Array(first.events[part * 3..<part * 3 + 3]),
                    metadata: first.metadata, isLast: false))
            for seed in 0..<6 {
                try await store.append(Sample.execution(seed: UInt64(100 + part * 10 + seed), eventCount: 12))
            }
        }
        try await store.retain(RetentionPolicy(maxByteCount: 150_000))
        let rest = try store.executions(limit: 1000).executions
        for execution in rest.prefix(9) { try await store.delete(execution.id) }
        try await store.scavenge(.share(0.2))
        try await store.delete(rest[9].id)
        await store.close()
        #expect(try await compare(folder.path).segments > 3)
    }
}
