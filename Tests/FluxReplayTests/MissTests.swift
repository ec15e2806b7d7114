import FluxFormat
import Testing

@testable import FluxReplay

@Suite("Misses")
struct MissTests {
    private let recorded = [
        exchange(request("https://api/users/1?page=1"), "user"),
        exchange(request("POST", "https://api/orders", type: "application/json", body: #"{"item":{"id":1}}"#), "1"),
        exchange(request("POST", "https://api/orders", type: "application/json", body: #"{"item":{"id":7}}"#), "7"),
        exchange(request("https://other/health"), "ok"),
    ]

    private func miss(_ request: HTTPRequestRecord) throws -> PlaybackMiss {
        try #require(try PlaybackSession(recorded).miss(request))
    }

    @Test(
        "The miss names the nearest request and the part that differs",
        arguments: [
            ("DELETE", "https://api/users/1?page=1", 0, "method: recorded GET, asked DELETE"),
            ("GET", "http://api/users/1?page=1", 0, "host: recorded https://api, asked http://api"),
            ("GET", "https://api:444/users/1?page=1", 0, "host: recorded https://api, asked https://api:444"),
            ("GET", "https://api/users/2?page=1", 0, "path: recorded /users/1, asked /users/2"),
            ("GET", "https://api/users/1?page=2", 0, #"query page: recorded "1", asked "2""#),
            ("GET", "https://api/users/1", 0, #"query page: recorded "1", asked nothing"#),
            ("GET", "https://api/users/1?page=1&x=%0A", 0, #"query x: recorded nothing, asked "\n""#),
            ("GET", "https://other/healthz", 3, "path: recorded /health, asked /healthz"),
        ])
    func target(method: String, url: String, nearest: UInt64, difference: String) throws {
        let miss = try miss(request(method, url))
        #expect(miss.kind == .notRecorded)
        #expect(miss.nearest?.index == nearest)
        #expect(miss.differences.map(\.description) == [difference])
    }

    @Test("In a JSON body the miss names the pointer, beside the request whose body is nearest")
    func body() throws {
        let miss = try miss(
            request("POST", "https://api/orders", type: "application/json", body: #"{"item":{"id":8}}"#))
        #expect(miss.nearest?.exchange.request.url == "https://api/orders")
        #expect(miss.differences.count == 1)
        #expect(miss.differences.first?.place == "/item/id")
        #expect(miss.differences.first?.asked == "8")
    }

    @Test("Where nothing was recorded the miss has no nearest request")
    func nothingRecorded() throws {
        let session = try PlaybackSession([])
        let miss = try #require(session.miss(request("http://h/")))
        #expect(miss.nearest == nil)
        #expect(miss.differences.isEmpty)
        #expect(miss.message == "the recording holds no HTTP request at all")
    }

    @Test("Misses are counted by request")
    func counts() throws {
        let session = try PlaybackSession(recorded)
        for expected in 1...3 { #expect(session.miss(request("http://h/a"))?.askedCount == expected) }
        #expect(session.miss(request("http://h/b"))?.askedCount == 1)
        let report = session.report
        #expect(report.missCount == 4)
        #expect(report.misses.map(\.count) == [3, 1])
    }

    @Test("The client gets the miss as JSON with the status asked for", arguments: [404, 502])
    func answer(status: Int) throws {
        let answer = try miss(request("https://api/users/2?page=1")).answer(status: status)
        #expect(answer.status == status)
        #expect(answer.values(of: "content-type") == ["application/json"])
        #expect(answer.values(of: "content-length") == ["\(answer.body.count)"])
        let text = String(decoding: answer.body, as: UTF8.self)
        let expected =
            #"{"error":"not recorded","message":"the recording has no answer to this request","#
            + #""request":{"method":"GET","url":"https://api/users/2?page=1","bodyBytes":0},"#
            + #""recordedCount":0,"askedCount":1,"#
            + #""nearest":{"method":"GET","url":"https://api/users/1?page=1","bodyBytes":0,"#
            + #""execution":"00000000-0000-0001-0000-000000000000","event":0},"#
            + #""difference":[{"part":"path","place":null,"recorded":"/users/1","asked":"/users/2"}]}"# + "\n"
        #expect(text == expected)
    }

    @Test("To HEAD the miss has no body")
    func head() throws {
        let answer = try miss(request("HEAD", "https://api/")).answer(status: 404)
        #expect(answer.body.isEmpty)
        #expect(answer.values(of: "content-type") == ["application/json"])
    }

    @Test("A miss of a big body is told in a short answer")
    func bigBody() throws {
        let body = String(repeating: "x", count: 1 << 20)
        let miss = try miss(request("POST", "https://api/orders", type: "application/json", body: "[\"\(body)\"]"))
        #expect(miss.bodyByteCount == 1 << 20 + 4)
        #expect(miss.answer(status: 404).body.count < 4096)
    }
}

@Suite("Report")
struct ReportTests {
    @Test("The report tells what was served, repeated, missed and never asked for")
    func lines() throws {
        let session = try PlaybackSession(
            [
                exchange(request("http://h/a"), "a"), exchange(request("http://h/b"), "b"),
                HTTPExchange(request: request("http://h/c"), response: nil),
            ], repeats: .last)
        _ = (session.text(request("http://h/a")), session.text(request("http://h/a")))
        _ = session.text(request("http://h/c"))
        _ = (session.miss(request("http://h/d")), session.miss(request("http://h/d")))
        #expect(
            session.report.lines == [
                "served 1, repeated 1, unanswered 1, missed 2, never asked for 1", "missed:",
                "  GET http://h/d (2 times)",
                "    nearest: GET http://h/b (event 1 of 00000000-0000-0001-0000-000000000000)",
                "    path: recorded /b, asked /d", "never asked for:",
                "  GET http://h/b (event 1 of 00000000-0000-0001-0000-000000000000)",
            ])
    }

    @Test("An exhausted request is listed with what helps")
    func exhausted() throws {
        let session = try PlaybackSession([exchange(request("http://h/"), "a")])
        _ = (session.text(request("http://h/")), session.text(request("http://h/")))
        #expect(
            session.report.lines == [
                "served 1, repeated 0, unanswered 0, missed 1, never asked for 0", "missed:", "  GET http://h/",
                "    this request was recorded once, and asked 2 times by now; to answer it again use "
                    + "--repeats last or --repeats first",
            ])
    }

    @Test("Nothing that was recorded or asked breaks a line or commands a terminal")
    func controlCharacters() throws {
        let session = try PlaybackSession([
            exchange(request("http://h/\u{1B}[2J\nx"), "a"),
            exchange(request("POST", "http://g/", type: "application/json", body: #"{"\n\u001b":1}"#), "b"),
        ])
        _ = session.miss(request("GE\r\nT", "http://h/\u{1B}\n"))
        _ = session.miss(request("POST", "http://g/", type: "application/json", body: "{}"))
        let controls = session.report.lines.flatMap { $0.unicodeScalars.filter { $0.value < 0x20 || $0.value == 0x7F } }
        #expect(controls.isEmpty)
        #expect(session.report.missCount == 2)
    }

    @Test("Of very many different misses the first thousand are listed, and all are counted")
    func manyMisses() throws {
        let session = try PlaybackSession([])
        for index in 0..<1100 { _ = session.miss(request("http://h/\(index)")) }
        #expect(session.report.misses.count == 1000)
        #expect(session.report.missCount == 1100)
    }
}
