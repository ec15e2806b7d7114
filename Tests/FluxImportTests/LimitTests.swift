import FluxFormat
import Testing

@testable import FluxImport

@Suite("Sizes of what is read")
struct LimitTests {
    private static let limit = FormatLimit.eventByteCountMax

    /// An archive of two pages, of which the first has a body of so many bytes.
    private func archive(bodyByteCount: Int) -> [UInt8] {
        var bytes = Array(
            """
            {"log":{"pages":[{"id":"p"}],"entries":[{"pageref":"p","request":{"method":"GET","url":"http://a.b/large"},
            "response":{"status":200,"content":{"text":"
            """.utf8)
        bytes += [UInt8](repeating: UInt8(ascii: "x"), count: bodyByteCount)
        bytes.append(contentsOf: #""}}},{"request":{"method":"GET","url":"http://a.b/small"}}]}}"#.utf8)
        return bytes
    }

    @Test("A body over the limit of an event fails its execution alone", arguments: [limit + 1, 100_000_000])
    func tooLarge(byteCount: Int) throws {
        let file = try RecordingReader().recordings(in: archive(bodyByteCount: byteCount), path: "a.har")
        #expect(try file.exchange.request.url == "http://a.b/small")
        #expect(
            file.failures == [
                .tooLarge(
                    file: "a.har", place: ImportPlace(line: 1, column: 41, path: "$.log.entries[0]"),
                    what: "the interaction", byteCount: byteCount, limit: Self.limit)
            ])
        #expect(
            file.failures.first?.description
                == "a.har: line 1, column 41 ($.log.entries[0]): the interaction has \(byteCount) bytes, "
                + "and the store keeps at most 67108864")
    }

    @Test("The largest body is that with which the event still fits, and it is kept whole")
    func largest() throws {
        let probe = try RecordingReader().recordings(in: archive(bodyByteCount: 1), path: "a.har")
        let rest = probe.executions[0].events[0].payload.count - 1
        // Parts start at multiples of four or eight bytes, so the last few bytes may not be used.
        let body = (Self.limit - rest) / 8 * 8 - 8
        let file = try RecordingReader().recordings(in: archive(bodyByteCount: body), path: "a.har")
        #expect(file.failures.isEmpty && file.executions.count == 2)
        #expect(file.executions[0].events[0].payload.count <= Self.limit)
    }

    @Test("A tree is not written as JSON beyond a limit", arguments: ["[1,2,3,4]", #"{"a":"bcde"}"#, #""abcdefgh""#])
    func json(text: String) throws {
        let cursor = try #require(try Document(reading: Array(text.utf8), file: "a.json")).cursor
        #expect(try cursor.compactJSON(byteCountMax: text.utf8.count) == Array(text.utf8))
        for limit in 0..<text.utf8.count {
            do throws(ImportError) {
                _ = try cursor.compactJSON(byteCountMax: limit)
                Issue.record("\(limit) bytes were enough")
            } catch {
                #expect(error.reason.hasPrefix("the body written as JSON has "))
            }
        }
    }

    @Test("Long names, URLs and header values are kept in the event; the metadata have their first part")
    func longTexts() throws {
        let long = String(repeating: "é", count: 40_000)
        let file = try imported(
            #"{"log":{"_recordingName":"\#(long)","entries":[{"request":{"method":"\#(long)","url":"/\#(long)"}}]}}"#,
            path: "a.har", app: long)
        let metadata = file.executions[0].metadata
        #expect(
            [metadata.name, metadata.app, metadata.route].allSatisfy { $0.utf8.count <= 1024 && $0.utf8.count > 1000 })
        #expect(try file.exchange.request.url.utf8.count == 80_001)
        #expect(try file.exchange.request.method.utf8.count == 80_000)
        #expect(file.executions[0].events[0].descriptor.count <= FormatLimit.descriptorByteCountMax)
    }
}
