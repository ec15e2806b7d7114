import FluxFormat
import Testing

@testable import FluxReplay

@Suite("Recorded order")
struct RecordedOrderTests {
    private let ask = request("http://h/poll")

    @Test("Equal requests are answered in recorded order, whatever is asked between them")
    func order() throws {
        let other = request("http://h/other")
        let session = try PlaybackSession([
            exchange(ask, "1"), exchange(other, "a"), exchange(ask, "2"), exchange(ask, "3"),
        ])
        #expect(session.text(ask) == "1")
        #expect(session.text(ask) == "2")
        #expect(session.text(other) == "a")
        #expect(session.text(ask) == "3")
    }

    @Test("Different requests may come in any order")
    func anyOrder() throws {
        let urls = (0..<20).map { "http://h/\($0)" }
        let session = try PlaybackSession(urls.map { exchange(request($0), $0) })
        for url in urls.reversed() { #expect(session.text(request(url)) == url) }
        #expect(session.report.neverAsked.isEmpty)
    }

    @Test("Behind the last answer comes a miss, the last or the first one", arguments: Repeats.allCases)
    func repeats(_ repeats: Repeats) throws {
        let session = try PlaybackSession(
            [exchange(ask, "1"), exchange(ask, "2"), exchange(ask, "3")], repeats: repeats)
        #expect((0..<3).map { _ in session.text(ask) } == ["1", "2", "3"])
        let expected: String? =
            switch repeats {
            case .error: nil
            case .last: "3"
            case .first: "1"
            }
        for _ in 0..<3 { #expect(session.text(ask) == expected) }
        let report = session.report
        #expect(report.servedCount == 3)
        #expect(report.repeatedCount == (repeats == .error ? 0 : 3))
        #expect(report.missCount == (repeats == .error ? 3 : 0))
    }

    @Test("An exhausted request says how often it was recorded and asked")
    func exhausted() throws {
        let session = try PlaybackSession([exchange(ask, "1"), exchange(ask, "2")])
        _ = (session.text(ask), session.text(ask))
        let miss = try #require(session.miss(ask))
        #expect(miss.kind == .exhausted)
        #expect((miss.recordedCount, miss.askedCount) == (2, 3))
        #expect(miss.nearest?.index == 1)
        #expect(miss.differences.isEmpty)
        #expect(miss.message.hasPrefix("this request was recorded 2 times, and asked 3 times by now"))
        #expect(session.miss(ask)?.askedCount == 4)
    }

    @Test("A request that was never recorded is a miss with repeats, too", arguments: Repeats.allCases)
    func neverRecorded(_ repeats: Repeats) throws {
        let session = try PlaybackSession([exchange(ask, "1")], repeats: repeats)
        #expect(session.miss(request("http://h/"))?.kind == .notRecorded)
    }

    @Test("Several executions follow each other in the order in which they are given")
    func severalExecutions() throws {
        let sources = [
            MemoryRecording(id: 9, [exchange(ask, "1"), exchange(request("http://h/only"), "x")]),
            MemoryRecording(id: 2, [exchange(ask, "2")]), MemoryRecording(id: 5, []),
        ]
        let session = try PlaybackSession(over: sources)
        #expect(session.exchangeCount == 3)
        #expect(session.text(ask) == "1")
        #expect(session.text(ask) == "2")
        #expect(session.text(request("http://h/only")) == "x")
        #expect(session.miss(ask)?.nearest?.executionID == ExecutionID(high: 2, low: 0))
    }

    @Test("Requests that are equal by their bytes only, and those by their form only, each get what was recorded")
    func bothKeys() throws {
        func post(_ type: String, _ body: String) -> HTTPRequestRecord {
            request("POST", "http://h/", type: type, body: body)
        }
        let session = try PlaybackSession([
            exchange(post("text/plain", "[1]"), "plain 1"), exchange(post("text/plain", "[1]"), "plain 2"),
            exchange(post("application/json", "[1]"), "json 1"), exchange(post("application/json", "[1]"), "json 2"),
        ])
        for expected in ["plain 1", "plain 2", "json 1"] {
            #expect(session.text(post("application/json", "[1]")) == expected)
        }
        // Spelled otherwise, it equals the last two alone.
        #expect(session.text(post("application/json", "[ 1 ]")) == "json 2")
        #expect(session.text(post("application/json", "[ 1 ]")) == nil)
    }

    @Test("Each recorded answer is given once, however many tasks ask at once")
    func concurrency() async throws {
        let keyCount = 7
        let answers = (0..<700).map { exchange(request("http://h/\($0 % keyCount)"), "\($0)") }
        let session = try PlaybackSession(answers)
        let given = await withTaskGroup(of: [String].self) { group in
            for task in 0..<28 {
                group.addTask {
                    (0..<30).compactMap { session.text(request("http://h/\((task + $0) % keyCount)")) }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(given.count == 700)
        #expect(Set(given).count == 700)
        let report = session.report
        #expect((report.servedCount, report.missCount, report.neverAsked.count) == (700, 140, 0))
        #expect(report.misses.reduce(0) { $0 + $1.count } == 140)
    }
}
