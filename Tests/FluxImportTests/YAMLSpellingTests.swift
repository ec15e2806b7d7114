import FluxFormat
import Testing

@testable import FluxImport

@Suite("YAML as recorders spell it")
struct YAMLSpellingTests {
    /// What the body of an answer becomes that is written as `yaml`, at an indent of six.
    private func body(_ yaml: String) throws -> String? {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
        return try text(
            imported(
                """
                http_interactions:
                - request: {method: get, uri: "http://a.b/"}
                  response:
                    status: {code: 200, message: OK}
                    body: \(lines.joined(separator: "\n"))
                    headers: {}
                """
            ).exchange.response?.body)
    }

    @Test(
        "A plain scalar is its text, whatever YAML would make of it",
        arguments: [
            "on", "yes", "No", "y", "true", "12:30:45", "190:20:30", "2001-12-14", "2001-12-14t21:59:43.10-05:00",
            "0x1F",
            "0b11", "017", "1_000", "+1", "1e5", ".inf", "-.INF", ".NaN", "<<", "=", "1.50",
            "a:b",
        ])
    func plain(scalar: String) throws {
        #expect(try body(scalar) == scalar)
    }

    @Test(
        "Null is no body, quoted or tagged as a text it is one",
        arguments: ["", "~", "null", "Null", "NULL", "!!null x"])
    func nulls(scalar: String) throws {
        #expect(try body(scalar) == nil)
        guard scalar != "!!null x" else { return }
        #expect(try body("'\(scalar)'") == scalar)
        #expect(try body("!!str '\(scalar)'") == scalar)
    }

    @Test(
        "A tag does not change a text",
        arguments: ["! \"1\"", "!!str 1", "!!float 1", "!!int 1", "!ruby/string 1", "!!python/unicode '1'", "&a 1"])
    func tags(scalar: String) throws {
        #expect(try body(scalar) == "1")
    }

    @Test(
        "Quoted and plain scalars are folded over lines",
        arguments: [
            ("\"one\n      two\\\n      three\\\n      \\ four\n\n      five\"", "one twothree four\nfive"),
            ("'one ''1''\n      two\n\n\n      three'", "one '1' two\n\nthree"),
            ("one\n      two\n\n      three", "one two\nthree"),
            (#""\t\u00e9\xE9\U0001F600\0\e\x7F""#, "\té\u{E9}\u{1F600}\0\u{1B}\u{7F}"),
        ])
    func folded(scalar: String, expected: String) throws {
        #expect(try body(scalar) == expected)
    }

    @Test(
        "Blocks keep their line ends, or the number of them that they say",
        arguments: [
            ("|\n      a\n       b\n\n      c", "a\n b\n\nc\n"), ("|-\n      a\n\n", "a"),
            ("|+\n      a\n\n", "a\n\n\n"),
            (">\n      a\n      b\n\n      c\n        d\n      e", "a b\nc\n  d\ne\n"), (">-\n      a\n      b", "a b"),
            ("|2-\n        a", "  a"), ("!binary |-\n      aGVs\n      bG8=", "hello"),
        ])
    func blocks(scalar: String, expected: String) throws {
        #expect(try body(scalar) == expected)
    }

    @Test("Lines may end in CR LF")
    func carriageReturns() throws {
        let file = "interactions:\n- request:\n    method: GET\n    uri: u\n    body: |\n      a\n      b\nversion: 1\n"
        let id = try imported(file).executions.map(\.id)
        #expect(id.count == 1)
        #expect(try imported(file.replacing("\n", with: "\r\n")).executions.map(\.id) == id)
    }

    @Test("Keys may be marked with a question mark, and values may be aliases")
    func keysAndAliases() throws {
        let exchange = try imported(
            """
            interactions:
            - request: &request
                ? method
                : GET
                uri: &uri http://a.b/
                headers: &headers {a: [&value b, *value]}
                body: '*value'
              response:
                status: {code: 200}
                ? "headers"
                : *headers
                body: *uri
            version: 1
            """
        ).exchange
        #expect(exchange.response?.headers.map(\.value) == ["b", "b"] && exchange.response?.headers.first?.name == "a")
        #expect(text(exchange.response?.body) == "http://a.b/" && text(exchange.request.body) == "*value")
    }

    @Test("Stars and byte order marks inside of texts are text")
    func hiddenCharacters() throws {
        #expect(try body("\u{FEFF}a *b\u{FEFF} -*c") == "\u{FEFF}a *b\u{FEFF} -*c")
        #expect(try body(#""\uFEFF*a \\uFEFF \ufeff [*b]""#) == "\u{FEFF}*a \\uFEFF \u{FEFF} [*b]")
        #expect(try body(#"'\uFEFF *a'"#) == #"\uFEFF *a"#)
        #expect(try body("|\n      \u{FEFF}x\n      *y \u{E000}\u{E001}") == "\u{FEFF}x\n*y \u{E000}\u{E001}\n")
    }

    @Test("A file that is JSON under a name of YAML is read as JSON, and one in YAML's braces as YAML")
    func braces() throws {
        let json = #"{"interactions":[{"request":{"method":"GET","uri":"\/"}}],"version":1}"#
        #expect(try imported(json, path: "a.yml").exchange.request.url == "/")
        let yaml = "{interactions: [{request: {method: GET, uri: /}}], version: 1}"
        #expect(try imported(yaml, path: "a.yml").exchange.request.url == "/")
    }
}
