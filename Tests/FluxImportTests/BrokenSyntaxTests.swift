import FluxFormat
import Testing

@testable import FluxImport

@Suite("Files whose syntax is wrong")
struct BrokenSyntaxTests {
    @Test(
        "Wrong JSON is refused with line, column and reason",
        arguments: [
            ("{\"log\": {\"entries\": [1, 2,]}}", 1, 27, "a value is expected, not \"]\""),
            ("{\"log\": {},}", 1, 12, "a member's name is expected, not \"}\""),
            ("{\n \"a\": 1\n \"b\": 2}", 3, 2, "\",\" or \"}\" is expected, not \"\"\""),
            ("{\"a\": 01}", 1, 7, "a value is expected, not \"0\""),
            ("{\"a\": tru}", 1, 7, "a value is expected, not \"t\""),
            ("{\"a\": 'x'}", 1, 7, "a value is expected, not \"'\""),
            ("{\"a\" 1}", 1, 6, "\":\" is expected, not \"1\""),
            ("[1 2]", 1, 4, "\",\" or \"]\" is expected, not \"2\""), ("{} {}", 1, 4, "the document ends before \"{\""),
            ("{\"a\": \"\\x\"}", 1, 9, "an unknown escape, \"x\", stands in a string"),
            ("{\"a\": \"\\u12\"}", 1, 9, "\\u needs four hexadecimal digits"),
            ("{\"a\": \"\n\"}", 1, 8, "a control character stands in a string"),
            ("{\"a\": \"é", 1, 10, "a string has no end"),
            ("cb({}", 1, 6, "\")\" is expected, not the end of the file"),
            ("cb({});x", 1, 8, "the document ends before \"x\""),
            ("{\"a\": NaN}", 1, 7, "a value is expected, not \"N\""),
            ("{ // no\n}", 1, 3, "a member's name is expected, not \"/\""),
        ])
    func json(text: String, line: Int, column: Int, reason: String) {
        let place = ImportPlace(line: line, column: column, path: nil)
        #expect(
            refusal(of: text, path: "a.har")
                == .invalidSyntax(file: "a.har", syntax: .json, place: place, reason: reason))
    }

    @Test(
        "Wrong YAML is refused with line and column",
        arguments: [
            ("http_interactions:\n- request: {method: get", 2), ("http_interactions:\n  a: 1\n b: 2\n", 3),
            ("http_interactions:\n- \"unfinished\n", 2), ("http_interactions: *missing\n", 1),
            ("http_interactions:\n\t- a\n", 2),
            ("http_interactions: [1\n", 1), ("http_interactions: \"\\xZZ\"", 1), ("http_interactions: a: b", 1),
            ("http_interactions:\n- {a: 1}\n---\nb: 1", 3), ("http_interactions:\n- ? {a: 1}\n  : 2\n", 2),
            ("http_interactions: \u{1}", 1),
        ])
    func yaml(text: String, line: Int) throws {
        let error = try #require(refusal(of: text, path: "a.yml"))
        guard case .invalidSyntax("a.yml", .yaml, let place, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        // An end that is missing is found where the text ends, on the last line or behind it.
        #expect(
            line...(line + 1) ~= place.line && place.column >= 1 && place.path == nil && !reason.isEmpty, "\(error)")
    }

    @Test("A name that stands twice in a map of YAML is refused, with name and place")
    func duplicates() {
        let text = "http_interactions:\n- request: {}\n  recorded_at: 1\n  recorded_at: 2\n"
        let error = refusal(of: text, path: "a.yml")
        #expect(error?.place?.line == 2 || error?.place?.line == 3 || error?.place?.line == 4)
        #expect(error?.reason == "invalid YAML: \"recorded_at\" stands twice in one map")
    }

    @Test("Of a member that stands twice in JSON the last one counts, as in JavaScript and Ruby")
    func duplicateMembers() throws {
        let text = #"{"log":{"entries":[{"request":{"method":"GET","url":"a","url":"b"}}]}}"#
        #expect(try imported(text, path: "a.har").executions[0].metadata.route == "b")
    }

    @Test(
        "Nesting is read to a limit, far from the end of the stack", arguments: ["a.har", "a.yml"],
        [600, 999, 1001, 20_000, 1_000_000])
    func nesting(path: String, depth: Int) throws {
        let start = path == "a.har" ? #"{"startedDateTime": "# : "http_interactions: "
        let error = try #require(refusal(of: start + String(repeating: "[", count: depth), path: path))
        guard case .invalidSyntax(path, _, _, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.count < 200)
        let closed = start + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(refusal(of: path == "a.har" ? closed + "}" : closed, path: path)?.place?.line == 1)
        guard path == "a.yml" else { return }
        let blocks = start + "\n" + String(repeating: "- ", count: depth)
        #expect(refusal(of: blocks, path: path)?.file == path)
        let maps = start + String(repeating: "{a: ", count: depth)
        #expect(refusal(of: maps, path: path)?.file == path)
        let keys = start + String(repeating: "? ", count: depth)
        #expect(refusal(of: keys, path: path)?.file == path)
    }

    @Test("Nesting below the limit is read")
    func deepEnough() throws {
        let tree = String(repeating: "[", count: 490) + String(repeating: "]", count: 490)
        let file = try imported(
            """
            interactions:
            - request: {method: GET, uri: /}
              response: {status: {code: 200}, parsed_body: \(tree)}
            version: 1
            """)
        #expect(try text(file.exchange.response?.body) == tree)
    }

    @Test("Aliases that would make a small file huge are refused", arguments: [10, 100, 400])
    func aliases(levels: Int) throws {
        var text = "http_interactions:\n- &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<levels {
            text += "- &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        let error = try #require(refusal(of: text, path: "a.yml"))
        #expect(error.reason == "invalid YAML: aliases make the document too large", "\(error)")
        #expect(error.place?.line ?? 0 > 2)
    }

    @Test("A chain of aliases cannot nest deeper than the text could")
    func aliasChain() throws {
        var text = "http_interactions:\n- &a0 [x]\n"
        for level in 1..<5000 { text += "- &a\(level) [*a\(level - 1)]\n" }
        let error = try #require(refusal(of: text, path: "a.yml"))
        #expect(error.reason == "invalid YAML: nested deeper than 512 levels")
    }

    @Test("An alias inside of its own anchor is refused")
    func selfReference() throws {
        let error = try #require(refusal(of: "http_interactions: &a\n- *a\n", path: "a.yml"))
        #expect(error.reason == "invalid YAML: the alias *a has no anchor before it")
        #expect(error.place == ImportPlace(line: 2, column: 3, path: nil))
    }
}
