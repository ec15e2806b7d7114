import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

/// What a reader says of one execution.
struct ExecutionLine: Decodable, Equatable {
    var id: String
    var app: String
    var name: String
    var source: String
    var route: String
    var status: String
    var start: UInt64?
    var duration: UInt64?
    var requestID: String?
    var traceID: String?
    var sdkVersion: String?
    var errorFingerprint: String?
    var interactions: UInt64
    var kinds: [String: UInt64]
    var tags: [String: String]
    var events: UInt64
    var digest: String

    /// What the store says of it; the digest is filled in later.
    init(_ summary: ExecutionSummary) {
        let metadata = summary.metadata
        id = summary.id.description.filter { $0 != "-" }
        (app, name, source, route) = (metadata.app, metadata.name, metadata.source, metadata.route)
        status = "\(metadata.status)"
        (start, duration) = (metadata.startedAt, metadata.durationNanoseconds)
        (requestID, traceID) = (metadata.requestID, metadata.traceID)
        (sdkVersion, errorFingerprint) = (metadata.sdkVersion, metadata.errorFingerprint)
        interactions = metadata.interactionCount
        kinds = Dictionary(uniqueKeysWithValues: metadata.kindCounts.map { ("\($0.key.rawValue)", $0.value) })
        tags = metadata.tags
        events = summary.nextEvent
        digest = ""
    }
}

/// The last line of the Python reader.
struct TotalsLine: Decodable, Equatable {
    var segments: Int
    var frames: Int
    var executions: Int
    var events: Int
    var end: String
}

/// Everything that a reader says of a store.
struct ReadStore {
    let executions: [ExecutionLine]
    let totals: TotalsLine

    /// Reads a store by Python; it must be whole, or must not.
    init(byPython path: String, isWhole: Bool = true) throws {
        let run = try PythonReader.run(path)
        try #require(run.exitCode == (isWhole ? 0 : 3), "\(run.errors)")
        #expect(run.errors.isEmpty == isWhole, "\(run.errors)")
        try self.init(lines: run.output)
    }

    /// Reads what a reader printed.
    init(lines text: String) throws {
        let lines = text.split(separator: "\n").map { Data($0.utf8) }
        executions = try lines.dropLast().map { try JSONDecoder().decode(ExecutionLine.self, from: $0) }
        totals = try JSONDecoder().decode(TotalsLine.self, from: try #require(lines.last))
    }

    /// Reads a store through its door; it must be whole, or must be opened with a warning.
    init(byStore path: String, end: String, isWhole: Bool = true) async throws {
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        #expect(store.warnings.isEmpty == isWhole, "\(store.warnings)")
        let report = try await store.verify()
        #expect(report.isClean, "\(report.findings)")
        let summaries = try store.executions(limit: 1000).executions
            .sorted { $0.firstFrameSequence < $1.firstFrameSequence }
        let digests = try Self.digests(of: summaries.map(\.id), in: store)
        executions = zip(summaries, digests).map { summary, digest in
            var line = ExecutionLine(summary)
            line.digest = digest
            return line
        }
        totals = TotalsLine(
            segments: report.segments, frames: report.frames, executions: report.executions, events: report.events,
            end: end)
    }

    /// SHA-256 of the events of each execution; a program that is compiled does that for tens of megabytes.
    private static func digests(of ids: [ExecutionID], in store: EventStore) throws -> [String] {
        let folder = try TemporaryFolder()
        for id in ids {
            let bytes = try store.events(of: id).reduce(into: [UInt8]()) { $0.append($1) }
            try Data(bytes).write(to: URL(filePath: "\(folder.path)/\(id)"))
        }
        guard !ids.isEmpty else { return [] }
        let run = try ProgramRun("/usr/bin/env", ["sha256sum"] + ids.map { "\(folder.path)/\($0)" })
        try #require(run.exitCode == 0, "\(run.errors)")
        return run.output.split(separator: "\n").map { String($0.prefix(64)) }
    }
}

extension [UInt8] {
    /// Appends what the digest of an execution covers of an event.
    fileprivate mutating func append(_ event: Event) {
        appendNumber(event.kind.rawValue)
        append(event.flags.rawValue)
        append(event.encoding.rawValue)
        appendBytes(event.lane.isEmpty ? nil : Array(event.lane.utf8))
        appendNumber(event.sequence)
        appendNumber(event.issued)
        appendNumber(event.done)
        appendNumber(event.offsetNanoseconds ?? .max)
        appendBytes(event.name.map { Array($0.utf8) })
        appendBytes(event.descriptor)
        appendBytes(event.payload)
    }

    private mutating func appendNumber<Number: FixedWidthInteger>(_ number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    private mutating func appendBytes(_ bytes: [UInt8]?) {
        appendNumber(bytes.map { UInt32($0.count) } ?? .max)
        append(contentsOf: bytes ?? [])
    }
}
