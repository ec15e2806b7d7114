import FluxFormat
import Testing

@testable import FluxImport

@Suite("Cassettes of Python's vcrpy")
struct PythonCassetteTests {
    @Test("Bodies are texts or bytes, and there is no time")
    func current() throws {
        let file = try imported(
            """
            interactions:
            - request:
                body: !!binary |
                  AAH+
                  /w==
                headers:
                  Accept: ['*/*']
                  X-Number: [1.50]
                  X-Bytes:
                  - !!binary |
                    Zmx1eA==
                method: post
                uri: https://a.b/upload
              response:
                body: {string: "caf\\xE9 \\u2713"}
                headers: {}
                status: {code: 200, message: OK}
            version: 1
            """)
        #expect(file.kind == .vcrPy)
        let metadata = try #require(file.executions.first).metadata
        #expect(metadata.startedAt == nil && metadata.name == "case" && metadata.route == "/upload")
        let exchange = try file.exchange
        #expect(exchange.request.method == "POST" && exchange.request.body == [0, 1, 0xFE, 0xFF])
        #expect(exchange.request.headers.map(\.value) == ["*/*", "1.50", "flux"])
        #expect(exchange.response == HTTPResponseRecord(status: 200, reason: "OK", body: Array("café ✓".utf8)))
        #expect(exchange.offsetNanoseconds == nil)
    }

    @Test("An answer recorded by the first stubs for httpx has a number as status, and content")
    func httpx() throws {
        let response = try imported(
            """
            interactions:
            - request: {body: '', headers: {}, method: GET, uri: "https://a.b/"}
              response: {content: !!binary "H4sI", headers: {Server: x}, http_version: HTTP/1.1, status_code: 200}
            version: 1
            """
        ).exchange.response
        #expect(
            response
                == HTTPResponseRecord(
                    status: 200, version: "HTTP/1.1", headers: [HTTPHeader("Server", "x")], body: [0x1F, 0x8B, 0x08]))
    }

    @Test("Headers recorded under Tornado are a list of pairs")
    func tornado() throws {
        let file = try imported(
            """
            interactions:
            - request: {body: null, headers: {}, method: GET, uri: "http://a.b/"}
              response:
                body: {string: !!python/unicode 'x'}
                headers:
                - !!python/tuple
                  - Set-Cookie
                  - [a, b]
                - !!python/tuple [Server, [nginx]]
                status: {code: 500, message: ERROR}
            version: 1
            """)
        let response = try file.exchange.response
        #expect(
            response?.headers == [
                HTTPHeader("Set-Cookie", "a"), HTTPHeader("Set-Cookie", "b"), HTTPHeader("Server", "nginx"),
            ])
        #expect(text(response?.body) == "x")
    }

    @Test("A cassette in JSON is read as one in YAML")
    func json() throws {
        let file = try imported(
            """
            {"version": 1, "interactions": [{"request": {"body": null, "headers": {"a": ["b"]}, "method": "GET",
            "uri": "http://a.b/"}, "response": {"status": {"message": "OK", "code": 200}, "headers": {},
            "body": {"string": "\\u00e9"}}}]}
            """, path: "a.json")
        #expect(file.kind == .vcrPy)
        #expect(try text(file.exchange.response?.body) == "é")
    }

    @Test("A body that is a tree becomes JSON, under any of its names")
    func trees() throws {
        let exchange = try imported(
            """
            interactions:
            - request: {body: {grant: client, scope: a b}, headers: {}, method: POST, uri: "http://a.b/"}
              response: {status: {code: 200}, headers: {}, parsed_body: [1, {b: null, a: true}]}
            """
        ).exchange
        #expect(text(exchange.request.body) == #"{"grant":"client","scope":"a b"}"#)
        #expect(text(exchange.response?.body) == #"[1,{"b":null,"a":true}]"#)
    }

    @Test("Messages of web sockets and gRPC are counted and passed over")
    func otherProtocols() throws {
        let file = try imported(
            """
            interactions:
            - {kind: message, direction: sent, data: hello}
            - request: {method: GET, uri: "http://a.b/"}
              response: {status: {code: 200, message: OK}}
            - {kind: message, direction: received, data: bye}
            - {request_sample: {raw: !!binary "AA=="}, response_sample: {raw: !!binary "AA=="}}
            version: 1
            """)
        #expect(file.interactionCount == 1)
        #expect(file.skipped == [SkippedItems(name: "gRPC", count: 1), SkippedItems(name: "websocket", count: 2)])
        #expect(file.skippedCount == 3)
        #expect(file.skipped.map(\.description) == ["1 × gRPC, not HTTP", "2 × websocket, not HTTP"])
    }

    @Test("A cassette without interactions is one of Python, unless it starts with a marker as Go's do")
    func empty() throws {
        #expect(try imported("interactions: []\nversion: 1\n").kind == .vcrPy)
        #expect(try imported("---\nversion: 2\ninteractions: []\n").kind == .goVCR)
        #expect(try imported("---\nversion: 1\ninteractions:\n").kind == .goVCR)
    }
}
