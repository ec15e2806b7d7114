import FluxFormat
import Testing

@testable import FluxImport

@Suite("HTTP archives")
struct ArchiveTests {
    private func entry(_ url: String, page: String? = nil, time: String = "12:00:00.000Z", members: String = "")
        -> String
    {
        """
        {\(page.map { "\"pageref\":\"\($0)\"," } ?? "")"startedDateTime":"2020-02-29T\(time)","time":12.5,
        "request":{"method":"GET","url":"\(url)","headers":[]},"response":{"status":200}\(members)}
        """
    }

    private func log(_ entries: [String], pages: String = "[]") -> String {
        """
        {"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":\(pages),
        "entries":[\(entries.joined(separator: ","))]}}
        """
    }

    @Test("A page is an execution, named by its title, and entries without a listed page are another one")
    func pages() throws {
        let pages = #"[{"id":"p1","title":"Home"},{"id":"p2","title":""},{"id":"unused","title":"Unused"},{}]"#
        let entries = [
            entry("http://a.b/1", page: "p2", time: "12:00:01.000Z"), entry("http://a.b/2", page: "p1"),
            entry("http://a.b/3"), entry("http://a.b/4", page: "p2", time: "13:00:00.250+01:00"),
            entry("http://a.b/5", page: "missing"),
        ]
        let file = try imported(log(entries, pages: pages), path: "x/site.har")
        #expect(file.kind == .har)
        #expect(file.executions.map(\.metadata.name) == ["p2 (site)", "Home (site)", "site"])
        let urls = try file.executions.map { try $0.exchanges.map { String($0.request.url.suffix(1)) } }
        #expect(urls == [["1", "4"], ["2"], ["3", "5"]])
        let metadata = file.executions[0].metadata
        #expect(metadata.startedAt == 1_582_977_600_250_000_000 && metadata.durationNanoseconds == 762_500_000)
        #expect(metadata.sdkVersion == "WebInspector 537.36" && metadata.route == "/1")
        #expect(try file.executions[0].exchanges.map(\.offsetNanoseconds) == [750_000_000, 0])
        #expect(try file.exchanges.map(\.durationNanoseconds) == Array(repeating: 12_500_000, count: 5))
    }

    @Test("Headers keep their order and repeats, and those of HTTP/2 their colons")
    func headers() throws {
        let exchange = try imported(
            """
            {"log":{"entries":[{"request":{"method":"GET","url":"https://a.b/","httpVersion":"h2","headers":[
            {"name":":authority","value":"a.b"},{"name":"b","value":"1"},{"name":"A","value":"2"},
            {"name":"b","value":"3"},{"name":"c"},{"name":"d","value":4}]},"response":{"status":204,
            "statusText":"No Content","httpVersion":"h2","headers":[],"content":{"size":0}}}]}}
            """, path: "a.har"
        ).exchange
        #expect(exchange.request.version == "h2")
        #expect(
            exchange.request.headers == [
                HTTPHeader(":authority", "a.b"), HTTPHeader("b", "1"), HTTPHeader("A", "2"), HTTPHeader("b", "3"),
                HTTPHeader("c", ""), HTTPHeader("d", "4"),
            ])
        #expect(exchange.response == HTTPResponseRecord(status: 204, reason: "No Content", version: "h2"))
        #expect(exchange.offsetNanoseconds == nil && exchange.durationNanoseconds == nil)
    }

    @Test(
        "The body of a request is the text, else the parameters as a form sends them",
        arguments: [
            (#"{"text":"a=1","params":[{"name":"b","value":"2"}]}"#, "a=1"),
            (#"{"text":"","params":[{"name":"b"}]}"#, ""),
            (#"{"params":[{"name":"a","value":"x y"},{"name":"b"},{"name":"c","value":null}]}"#, "a=x y&b=&c="),
            (#"{"params":[{"name":"0","value":{"b":1.0,"a":[]}}]}"#, #"0={"b":1.0,"a":[]}"#),
            (#"{"text":{"n":1}}"#, #"{"n":1}"#), (#"{"params":[]}"#, nil), ("{}", nil), ("null", nil),
            (#"{"text":"AAE=","_encoding":"base64"}"#, "\0\u{1}"),
        ] as [(String, String?)])
    func requestBodies(postData: String, body: String?) throws {
        let exchange = try imported(
            """
            {"log":{"entries":[{"request":{"method":"POST","url":"http://a.b/","postData":\(postData)}}]}}
            """, path: "a.har"
        ).exchange
        #expect(text(exchange.request.body) == body)
        #expect(exchange.response == nil)
    }

    @Test(
        "The body of an answer is the text or its base64, and none where the tool kept none",
        arguments: [
            (#"{"text":"é","mimeType":"text/html"}"#, Array("é".utf8)),
            (#"{"text":"AP8=","encoding":"base64"}"#, [0, 0xFF]),
            (#"{"text":"AP8=","encoding":""}"#, Array("AP8=".utf8)), (#"{"text":""}"#, []), (#"{"text":null}"#, nil),
            (#"{"size":9}"#, nil), ("{}", nil), ("null", nil),
            (#"{"text":"\ud800\udc00\ud800x"}"#, Array("\u{10000}\u{FFFD}x".utf8)),
            (#"{"text":"6869","mimeType":"image/png"}"#, Array("6869".utf8)),
        ] as [(String, [UInt8]?)])
    func responseBodies(content: String, body: [UInt8]?) throws {
        let response = try imported(
            """
            {"log":{"entries":[{"request":{"method":"GET","url":"http://a.b/"},"response":{"content":\(content)}}]}}
            """, path: "a.har"
        ).exchange.response
        #expect(response == HTTPResponseRecord(status: 0, body: body))
    }

    @Test(
        "A browser that got no answer wrote 0, or once a negative number",
        arguments: [("0", 0), ("-999", 0), ("null", 0), ("304", 304), (#""200""#, 200)] as [(String, UInt16)])
    func statuses(written: String, status: UInt16) throws {
        let exchange = try imported(
            """
            {"log":{"entries":[{"request":{"method":"","url":"data:image/png;base64,AA=="},
            "response":{"status":\(written)}}]}}
            """, path: "a.har"
        ).exchange
        #expect(exchange.request.url == "data:image/png;base64,AA==" && exchange.request.method == "")
        #expect(exchange.response?.status == status)
    }

    @Test("An archive may stand in a call of a function, behind a byte order mark, or under any name")
    func wrapped() throws {
        let archive = log([entry("http://a.b/")])
        let id = try imported(archive, path: "a.har").executions[0].id
        for text in [
            "\u{FEFF}\(archive)", "onInputData(\(archive));", " on.input_1$ ( \(archive) ) ; \n", "cb(\(archive))\n",
            "\u{FEFF}cb(\(archive))",
        ] {
            #expect(try imported(text, path: "other.json").executions.map(\.id) == [id])
        }
    }

    @Test("A body that Playwright kept in another file is refused, not lost", arguments: ["postData", "content"])
    func attachments(holder: String) throws {
        let body = #""\#(holder)":{"_file":"5eb63bbb.txt"}"#
        let request = #"{"method":"GET","url":"/"\#(holder == "postData" ? "," + body : "")}"#
        let response = "{\(holder == "content" ? body : "")}"
        let file = try imported(
            #"{"log":{"entries":[{"request":\#(request),"response":\#(response)}]}}"#, path: "a.har")
        #expect(file.executions.isEmpty)
        #expect(file.failures.first?.place?.path?.hasSuffix("\(holder)._file") == true)
    }

    @Test("An archive without version, creator and pages is read")
    func bare() throws {
        let file = try imported(#"{"log":{"entries":[\#(entry("http://a.b/"))]}}"#, path: "a.har")
        #expect(file.interactionCount == 1 && file.executions[0].metadata.sdkVersion == nil)
        #expect(try imported(#"{"log":{"entries":[]}}"#, path: "a.har").executions.isEmpty)
    }
}
