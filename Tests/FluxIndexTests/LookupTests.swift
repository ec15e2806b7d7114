import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Lookup")
struct LookupTests {
    private let log = randomExecutions(60, seed: 2)

    private func filled() throws -> MetadataIndex {
        let index = try openIndex()
        try index.apply(log.frames, through: log.applied)
        return index
    }

    @Test("Frames, sums and progress of an execution are those that were applied")
    func frames() throws {
        let index = try filled()
        for row in try allRows(index) {
            let id = row.summary.id
            let frames = log.frames.filter { $0.header.executionID == id }
            #expect(row.frames == frames.map { FrameLocation(of: $0) })
            #expect(try index.frames(of: id) == row.frames)
            #expect(try index.summary(of: id) == row.summary)
            #expect(row.summary.rawByteCount == frames.reduce(0) { $0 + UInt64($1.header.rawByteCount) })
            #expect(row.summary.storedByteCount == frames.reduce(0) { $0 + UInt64($1.header.frameByteCount) })
            #expect(row.summary.firstFrameSequence == frames.first?.header.frameSequence)
            #expect(row.summary.metadata == frames.last?.metadata?.value)
            #expect(row.isFinished && row.tenantID == 4 + UInt32(row.summary.id.low % 3))
            let last = try #require(frames.last)
            let progress = ExecutionProgress(
                nextEvent: UInt64(last.header.firstEvent) + UInt64(last.header.eventCount), isFinished: true,
                lastFrame: last.position)
            #expect(try index.progress(of: id) == progress)
            #expect(row.summary.nextEvent == progress.nextEvent)
        }
    }

    @Test("An id that was never stored is nothing")
    func unknown() throws {
        let index = try filled()
        #expect(try index.summary(of: .none) == nil)
        #expect(try index.frames(of: .none) == [])
        #expect(try index.progress(of: .none) == nil)
    }

    @Test("A prefix of an id finds all ids that start with it, ascending")
    func prefixes() throws {
        let index = try filled()
        let ids = try allRows(index).map(\.summary.id).sorted()
        for id in ids {
            for digitCount in [1, 5, 11, 20, 32] {
                let text = String(id.description.filter { $0 != "-" }.prefix(digitCount))
                let prefix = try #require(ExecutionIDPrefix(text))
                let expected = ids.filter { $0.description.filter { $0 != "-" }.hasPrefix(text) }
                #expect(try index.ids(matching: prefix, limit: 1000) == expected)
                #expect(try index.ids(matching: prefix, limit: 2) == Array(expected.prefix(2)))
            }
        }
        let nothing = try #require(ExecutionIDPrefix("ffff"))
        #expect(try index.ids(matching: nothing, limit: 2) == [])
    }

    @Test("Totals are the sums of all rows")
    func totals() throws {
        let index = try filled()
        var expected = StoreTotals()
        for row in try allRows(index) {
            expected.executions += 1
            expected.interactions += row.summary.metadata.interactionCount
            expected.events += row.summary.nextEvent
            expected.rawBytes += row.summary.rawByteCount
            expected.storedBytes += row.summary.storedByteCount
        }
        #expect(try index.totals() == expected)
        #expect(try openIndex().totals() == StoreTotals())
    }
}

@Suite("Metadata")
struct MetadataTests {
    private static let plain = ExecutionMetadata(app: "shop", name: "order", source: "har", status: .ok)

    /// Metadata with one part that is out of the ordinary.
    private static func changed(_ change: (inout ExecutionMetadata) -> Void) -> ExecutionMetadata {
        var metadata = plain
        change(&metadata)
        return metadata
    }

    private static let cases: [ExecutionMetadata] = [
        plain,
        ExecutionMetadata(app: "", name: "", source: "", status: .running),
        changed { $0.startedAt = 0 },
        changed { $0.startedAt = 1 },
        changed { $0.startedAt = 1 << 63 },
        changed { $0.startedAt = .max },
        changed { $0.durationNanoseconds = 0 },
        changed { $0.durationNanoseconds = .max },
        changed {
            $0.requestID = ""
            $0.traceID = ""
            $0.sdkVersion = ""
            $0.errorFingerprint = ""
        },
        changed {
            $0.requestID = "r\0r"
            $0.traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
            $0.sdkVersion = "1.2"
            $0.errorFingerprint = "💥"
        },
        changed {
            $0.eventCount = .max
            $0.interactionCount = 1 << 63
            $0.kindCounts = [.http: 1, .clock: .max, EventKind(rawValue: .max): 127, .metadata: 128, .log: 0]
        },
        changed { $0.tags = ["": "", "a": "b", "k\0": "\u{65}\u{301}", "\u{65}\u{301}": "x"] },
        changed { $0.name = String(repeating: "ä", count: 20_000) },
        changed { $0.status = .cancelled },
        changed { $0.route = "/orders/{id}" },
    ]

    @Test("Metadata comes back as it was applied", arguments: cases)
    func roundTrip(metadata: ExecutionMetadata) throws {
        let index = try openIndex()
        var source = FrameSource()
        let id = ExecutionID(high: .max, low: 1 << 63)
        try index.apply([source.execution(id, metadata)], through: source.applied)
        #expect(try index.summary(of: id)?.metadata == metadata)
        #expect(try index.page(matching: ExecutionQuery(), limit: 5, after: nil).executions.map(\.id) == [id])
    }

    @Test("Later metadata replaces all of the earlier, tags too")
    func replaced() throws {
        for first in Self.cases {
            let index = try openIndex()
            var source = FrameSource()
            let id = ExecutionID(high: 3, low: 4)
            let frames = [
                source.frame(of: id, .executionFirst, metadata: first),
                source.frame(of: id, .executionLast, metadata: Self.plain),
            ]
            try index.apply(frames, through: source.applied)
            #expect(try index.summary(of: id)?.metadata == Self.plain)
            #expect(try index.problems(limit: 5) == [])
        }
    }

    @Test("Texts that look the same and differ in bytes stay what they are")
    func bytesOfText() throws {
        let texts = ["\u{e9}", "\u{65}\u{301}"]
        let index = try openIndex()
        var source = FrameSource()
        for (number, text) in texts.enumerated() {
            let metadata = ExecutionMetadata(app: text, name: text, source: "har", status: .ok)
            let id = ExecutionID(high: 9, low: UInt64(number))
            try index.apply([source.execution(id, metadata)], through: source.applied)
        }
        for (number, text) in texts.enumerated() {
            let page = try index.page(matching: ExecutionQuery(app: text), limit: 5, after: nil)
            #expect(page.executions.map(\.id) == [ExecutionID(high: 9, low: UInt64(number))])
            #expect(page.executions.first.map { Array($0.metadata.name.utf8) } == Array(text.utf8))
        }
    }
}
