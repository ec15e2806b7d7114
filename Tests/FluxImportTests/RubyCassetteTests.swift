import FluxFormat
import Testing

@testable import FluxImport

@Suite("Cassettes of Ruby's VCR")
struct RubyCassetteTests {
    private let cassette = """
        ---
        http_interactions:
        - request:
            method: post
            uri: http://example.com/orders?page=1
            body:
              encoding: UTF-8
              string: '{"n":1}'
            headers:
              Accept:
              - text/html
              - '*/*'
              Content-Type: application/json
          response:
            status:
              code: 201
              message:
            headers:
              Set-Cookie:
              - a=1
              - b=2
            body:
              encoding: ASCII-8BIT
              string: "done\\n"
            http_version: '1.1'
          recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
        - request:
            method: get
            uri: http://example.com/
          response:
            status: {code: 200, message: OK}
            body: plain text
          recorded_at: Tue, 01 Nov 2011 04:58:46 GMT
        recorded_with: VCR 2.0.0
        """

    @Test("A cassette of 2.0 becomes an execution with its times")
    func current() throws {
        let file = try imported(cassette, path: "spec/cassettes/orders.yml")
        #expect(file.kind == .vcrRuby && file.failures.isEmpty && file.skipped.isEmpty)
        let metadata = try #require(file.executions.first).metadata
        #expect(metadata.app == "vcr-ruby" && metadata.source == "vcr-ruby" && metadata.name == "orders")
        #expect(metadata.route == "/orders" && metadata.status == .ok && metadata.sdkVersion == "VCR 2.0.0")
        #expect(metadata.startedAt == 1_320_123_524_000_000_000 && metadata.durationNanoseconds == nil)
        let exchanges = try file.exchanges
        #expect(
            exchanges[0].request
                == HTTPRequestRecord(
                    method: "POST", url: "http://example.com/orders?page=1",
                    headers: [
                        HTTPHeader("Accept", "text/html"), HTTPHeader("Accept", "*/*"),
                        HTTPHeader("Content-Type", "application/json"),
                    ], body: Array(#"{"n":1}"#.utf8)))
        #expect(
            exchanges[0].response
                == HTTPResponseRecord(
                    status: 201, version: "HTTP/1.1",
                    headers: [HTTPHeader("Set-Cookie", "a=1"), HTTPHeader("Set-Cookie", "b=2")],
                    body: Array("done\n".utf8)))
        #expect(exchanges[1].request == HTTPRequestRecord(method: "GET", url: "http://example.com/"))
        #expect(exchanges[1].response == HTTPResponseRecord(status: 200, reason: "OK", body: Array("plain text".utf8)))
        #expect(exchanges.map(\.offsetNanoseconds) == [0, 2_000_000_000])
    }

    @Test("A cassette of 1.x is a list of dumped structs, with symbols")
    func structs() throws {
        let file = try imported(
            """
            ---
            - !ruby/struct:VCR::HTTPInteraction
              request: !ruby/struct:VCR::Request
                method: :get
                uri: http://example.com:80/
                body: !!null
                headers:
              response: !ruby/struct:VCR::Response
                :status: !ruby/struct:VCR::ResponseStatus
                  code: 404
                  message: Not Found
                :headers:
                  content-length:
                  - "9"
                :body: Not Found
                :http_version: "1.1"
            """)
        #expect(file.kind == .vcrRuby)
        let exchange = try file.exchange
        #expect(exchange.request == HTTPRequestRecord(method: "GET", url: "http://example.com:80/"))
        #expect(
            exchange.response
                == HTTPResponseRecord(
                    status: 404, reason: "Not Found", version: "HTTP/1.1",
                    headers: [HTTPHeader("content-length", "9")], body: Array("Not Found".utf8)))
    }

    @Test("A cassette of 0.3 has a dumped Net::HTTP answer beside method and URI, which may be a regular expression")
    func dumps() throws {
        let exchange = try imported(
            """
            - !ruby/struct:VCR::RecordedResponse
              :method: :post
              :uri: !ruby/regexp /example\\.com:80/
              :response: !ruby/object:Net::HTTPOK
                body: The response from example.com
                body_exist: true
                code: "200"
                header:
                  connection: [close]
                http_version: "1.1"
                message: OK
                read: true
            """
        ).exchange
        #expect(exchange.request == HTTPRequestRecord(method: "POST", url: #"/example\.com:80/"#))
        #expect(exchange.response?.status == 200 && exchange.response?.reason == "OK")
        #expect(exchange.response?.headers == [HTTPHeader("connection", "close")])
        #expect(text(exchange.response?.body) == "The response from example.com")
    }

    @Test("A cassette in JSON has the kind of its own, and keeps the order of headers")
    func json() throws {
        let file = try imported(
            """
            {"http_interactions":[{"request":{"method":"delete","uri":"http://a.b/<ID>","body":{"encoding":"UTF-8",
            "base64_string":"e30=\\n"},"headers":{"Z":["1"],"A":["2","3"]}},"response":{"status":{"code":204,
            "message":"No Content"},"headers":{},"body":{"encoding":"UTF-8","base64_string":""},"http_version":null},
            "recorded_at":"Fri, 13 Dec 2013 10:38:15 GMT"}],"recorded_with":"VCR 2.4.0"}
            """, path: "a.json")
        #expect(file.kind == .vcrRubyJSON)
        let exchange = try file.exchange
        #expect(exchange.request.method == "DELETE" && exchange.request.url == "http://a.b/<ID>")
        #expect(text(exchange.request.body) == "{}")
        #expect(exchange.request.headers.map(\.name) == ["Z", "A", "A"])
        #expect(exchange.response?.status == 204 && exchange.response?.body == [] && exchange.response?.version == "")
    }

    @Test("The first cassettes of betamax have the status beside the headers, one text for each")
    func betamax() throws {
        let exchange = try imported(
            """
            {"http_interactions":[{"request":{"body":"","headers":{"Accept":"*/*"},"method":"GET","uri":"http://a.b/"},
            "response":{"body":{"base64_string":"aGk=","encoding":"utf-8"},"headers":{"etag":"x"},"url":"http://a.b/",
            "status_code":418},"recorded_at":"2013-11-11T04:31:21"}],"recorded_with":"betamax"}
            """, path: "a.json"
        ).exchange
        #expect(exchange.request.body == [] && exchange.request.headers == [HTTPHeader("Accept", "*/*")])
        #expect(
            exchange.response
                == HTTPResponseRecord(status: 418, headers: [HTTPHeader("etag", "x")], body: Array("hi".utf8)))
        #expect(exchange.offsetNanoseconds == 0)
    }

    @Test(
        "base64 is decoded as Ruby does: strange characters are skipped, an unfinished quantum gives what it completes",
        arguments: [
            ("", ""), ("aGVsbG8=", "hello"), ("aGVs\nbG8=\n", "hello"), ("aG_Vs bG8", "hello"), ("aGVsbG8", "hello"),
            ("aGVsb", "hel"), ("aGVsbG", "hell"), ("aGk=bG8=", "hi"), ("=aGk=", "hi"), ("a=", ""),
            ("<SCRUBBED>", "H$T\u{4}\u{11}\u{3}"),
        ])
    func base64(encoded: String, decoded: String) throws {
        let quoted = encoded.replacing("\n", with: #"\n"#)
        let exchange = try imported(
            """
            http_interactions:
            - request: {method: get, uri: "http://a.b/", body: {encoding: UTF-8, base64_string: "\(quoted)"}}
            """
        ).exchange
        #expect(text(exchange.request.body) == decoded)
        #expect(exchange.response == nil)
    }

    @Test("R's vcr writes the status as a number, or under another name", arguments: ["200", "{status_code: '200'}"])
    func rStatus(status: String) throws {
        let file = try imported(
            """
            http_interactions:
            - request: {method: GET, uri: "http://a.b/", body: {string: ''}, headers: []}
              response: {status: \(status), headers: {date: x}, body: {encoding: UTF-8, file: no, string: ok}}
            recorded_with: vcr/1.7.0, webmockr/2.0.0
            """)
        let response = try file.exchange.response
        #expect(
            response == HTTPResponseRecord(status: 200, headers: [HTTPHeader("date", "x")], body: Array("ok".utf8)))
    }

    @Test("A body that R's vcr compressed is refused, for it would not be the bytes of the answer")
    func rCompressed() throws {
        let file = try imported(
            """
            http_interactions:
            - request: {method: GET, uri: "http://a.b/"}
              response: {status: 200, headers: {}, body: {raw_gzip: H4sI}}
            """)
        #expect(file.executions.isEmpty)
        #expect(
            file.failures.map(\.description) == [
                "folder/case.yaml: line 3, column 57 ($.http_interactions[0].response.body.raw_gzip): "
                    + "a body compressed by the R package vcr, \"raw_gzip\", is not read"
            ])
    }

    @Test(
        "A body without its text is none", arguments: ["{encoding: UTF-8}", "{base64_string: }", "{string: }", "~", ""])
    func noBody(body: String) throws {
        let file = try imported(
            """
            http_interactions:
            - request: {method: GET, uri: "http://a.b/", body: \(body)}
            """)
        #expect(try file.exchange.request.body == nil)
    }

    @Test("A file of YAML without content is a cassette without interactions", arguments: ["", "\n", "---\n", "# x\n"])
    func empty(content: String) throws {
        let file = try imported(content, path: "empty.yml")
        #expect(file.kind == .vcrRuby && file.executions.isEmpty && file.failures.isEmpty)
    }

    @Test("A cassette without interactions gives no execution", arguments: ["[]", "", "~"])
    func noInteractions(list: String) throws {
        let file = try imported("http_interactions: \(list)\nrecorded_with: VCR 6.0.0\n")
        #expect(file.kind == .vcrRuby && file.executions.isEmpty && file.failures.isEmpty)
    }
}
