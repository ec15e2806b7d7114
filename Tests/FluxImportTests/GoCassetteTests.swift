import FluxFormat
import Testing

@testable import FluxImport

@Suite("Cassettes of Go's go-vcr")
struct GoCassetteTests {
    @Test("Version 1 has the status as a text, and an empty method for GET")
    func version1() throws {
        let file = try imported(
            """
            ---
            version: 1
            interactions:
            - request:
                body: ""
                form: {}
                headers:
                  Accept-Encoding: [gzip]
                url: http://a.b/v2/keys?x=1
                method: ""
              response:
                body: !!binary |
                  H4sI
                headers: {}
                status: 404 Not Found
                code: 404
                duration: ""
            """)
        #expect(file.kind == .goVCR)
        let exchange = try file.exchange
        #expect(
            exchange.request
                == HTTPRequestRecord(
                    method: "GET", url: "http://a.b/v2/keys?x=1", headers: [HTTPHeader("Accept-Encoding", "gzip")],
                    body: []))
        #expect(exchange.response == HTTPResponseRecord(status: 404, reason: "Not Found", body: [0x1F, 0x8B, 0x08]))
        #expect(exchange.durationNanoseconds == nil)
    }

    @Test("Version 2 tells the protocol and how long the answer took")
    func version2() throws {
        let file = try imported(
            """
            ---
            version: 2
            interactions:
            - id: 0
              request:
                proto: HTTP/1.1
                proto_major: 1
                proto_minor: 1
                content_length: 0
                transfer_encoding: []
                trailer: {}
                host: a.b
                remote_addr: ""
                request_uri: ""
                body: ""
                form: {}
                headers: {}
                url: https://a.b/
                method: POST
              response:
                proto: HTTP/2.0
                proto_major: 2
                proto_minor: 0
                transfer_encoding: [chunked]
                trailer: {}
                content_length: -1
                uncompressed: true
                body: ok
                headers:
                  Server: [x, y]
                status: 200 OK
                code: 200
                duration: 123.4ms
            """)
        let exchange = try file.exchange
        #expect(exchange.request.version == "HTTP/1.1" && exchange.response?.version == "HTTP/2.0")
        #expect(exchange.response?.reason == "OK" && exchange.response?.headers.map(\.value) == ["x", "y"])
        #expect(exchange.durationNanoseconds == 123_400_000)
        #expect(file.executions.first?.metadata.startedAt == nil)
        #expect(file.executions.first?.metadata.durationNanoseconds == nil)
    }

    @Test(
        "A duration is what Go prints",
        arguments: [
            ("0s", 0), ("0", 0), ("1ns", 1), ("1.5µs", 1500), ("1.5μs", 1500), ("2us", 2000), ("123.4ms", 123_400_000),
            ("1m2.5s", 62_500_000_000), ("1h0m1s", 3_601_000_000_000), ("", nil), ("1", nil), ("s", nil), ("-1s", nil),
            ("1s2", nil), ("1 s", nil), ("999999h", nil), ("..s", nil), ("1e9s", nil),
        ] as [(String, UInt64?)])
    func durations(text: String, nanoseconds: UInt64?) {
        #expect(Durations.go(text) == nanoseconds)
    }

    @Test("A status of another form is kept as the reason")
    func reasons() {
        #expect(["200 OK", "200", "200 ", "OK", "", "2000 X"].map(reasonPhrase) == ["OK", "", "", "OK", "", "2000 X"])
    }
}
