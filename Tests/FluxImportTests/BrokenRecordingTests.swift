import FluxFormat
import Testing

@testable import FluxImport

@Suite("Recordings that cannot be read")
struct BrokenRecordingTests {
    @Test("A page with a broken entry fails alone, for its first reason")
    func page() throws {
        let file = try imported(
            """
            {"log":{"pages":[{"id":"p1"},{"id":"p2"}],"entries":[
            {"pageref":"p1","request":{"method":"GET","url":"http://a.b/1"}},
            {"pageref":"p2","request":{"method":"GET","url":"http://a.b/2"}},
            {"pageref":"p1","request":{"method":"GET"}},
            {"pageref":"p1","request":[]},
            {"request":{"method":"GET","url":"http://a.b/3"}}]}}
            """, path: "x/a.har")
        #expect(try file.exchanges.map(\.request.url) == ["http://a.b/2", "http://a.b/3"])
        #expect(
            file.failures.map(\.description) == [
                #"x/a.har: line 4, column 27 ($.log.entries[2].request): "url" is missing here"#
            ])
    }

    @Test("A cassette with a broken interaction is not read at all, for half of it would replay wrongly")
    func cassette() throws {
        let file = try imported(
            """
            interactions:
            - request: {method: GET, uri: http://a.b/1}
            - request: {method: GET}
            version: 1
            """)
        #expect(file.executions.isEmpty)
        #expect(
            file.failures.map(\.description) == [
                #"folder/case.yaml: line 3, column 12 ($.interactions[1].request): "uri" is missing here"#
            ])
    }

    @Test(
        "A wrong shape is named by its path, at each level of an archive",
        arguments: [
            ("1", "$.log.entries[0]", "a map is expected here"),
            ("{}", "$.log.entries[0]", #""request" is missing here"#),
            (#"{"request":null}"#, "$.log.entries[0]", #""request" is missing here"#),
            (#"{"request":"x"}"#, "$.log.entries[0].request", "a map is expected here"),
            (#"{"request":{"method":[],"url":"u"}}"#, "$.log.entries[0].request.method", "a text is expected here"),
            (#"{"request":{"method":"GET","url":{}}}"#, "$.log.entries[0].request.url", "a text is expected here"),
            (
                #"{"request":{"method":"GET","url":"u","headers":{}}}"#, "$.log.entries[0].request.headers",
                "a list is expected here"
            ),
            (
                #"{"request":{"method":"GET","url":"u","headers":[{"value":"x"}]}}"#,
                "$.log.entries[0].request.headers[0]",
                #""name" is missing here"#
            ),
            (
                #"{"request":{"method":"GET","url":"u","headers":[{"name":"x","value":{}}]}}"#,
                "$.log.entries[0].request.headers[0].value", "a text is expected here"
            ),
            (
                #"{"request":{"method":"GET","url":"u","postData":"x"}}"#, "$.log.entries[0].request.postData",
                "a map is expected here"
            ),
            (
                #"{"request":{"method":"GET","url":"u"},"response":1}"#, "$.log.entries[0].response",
                "a map is expected here"
            ),
            (
                #"{"request":{"method":"GET","url":"u"},"response":{"status":"ok"}}"#,
                "$.log.entries[0].response.status",
                #""ok" is no HTTP status (0 to 999)"#
            ),
            (
                #"{"request":{"method":"GET","url":"u"},"response":{"status":1000}}"#,
                "$.log.entries[0].response.status",
                #""1000" is no HTTP status (0 to 999)"#
            ),
            (
                #"{"request":{"method":"GET","url":"u"},"response":{"content":"x"}}"#,
                "$.log.entries[0].response.content",
                "a map is expected here"
            ),
        ])
    func archiveShapes(entry: String, path: String, reason: String) throws {
        let file = try imported(#"{"log":{"entries":[\#(entry)]}}"#, path: "a.har")
        #expect(file.executions.isEmpty)
        #expect(file.failures.map { $0.place?.path } == [path] && file.failures.map(\.reason) == [reason])
    }

    @Test(
        "A wrong shape is named by its path, at each level of a cassette",
        arguments: [
            ("1", "", "a map is expected here"), ("{request: x}", ".request", "a map is expected here"),
            ("{request: {}}", ".request", "\"method\" is missing here"),
            ("{request: {method: {}, uri: u}}", ".request.method", "a text is expected here"),
            ("{request: {method: get, uri: u, headers: x}}", ".request.headers", "a map is expected here"),
            ("{request: {method: get, uri: u, headers: {a: {}}}}", ".request.headers.a", "a text is expected here"),
            (
                "{request: {method: get, uri: u, headers: {a: [[]]}}}", ".request.headers.a[0]",
                "a text is expected here"
            ),
            (
                "{request: {method: get, uri: u, headers: [[a]]}}", ".request.headers[0]",
                "a header must be a name with its value"
            ),
            ("{request: {method: get, uri: u}, response: x}", ".response", "a map is expected here"),
            ("{request: {method: get, uri: u}, response: {}}", ".response", "\"code\" is missing here"),
            (
                "{request: {method: get, uri: u}, response: {status: {code: 65536}}}", ".response.status.code",
                "\"65536\" is no HTTP status (0 to 999)"
            ),
        ])
    func cassetteShapes(item: String, path: String, reason: String) throws {
        let file = try imported("http_interactions:\n- \(item)\n")
        #expect(file.executions.isEmpty)
        #expect(file.failures.map { $0.place?.path } == ["$.http_interactions[0]" + path])
        #expect(file.failures.map(\.reason) == [reason])
    }

    @Test("A list of interactions that is none is a broken cassette")
    func noList() throws {
        let file = try imported("http_interactions: {a: 1}")
        #expect(file.failures.map(\.reason) == ["a list is expected here"])
    }
}
