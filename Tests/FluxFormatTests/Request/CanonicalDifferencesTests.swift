import Testing

@testable import FluxFormat

@Suite("Differences of requests")
struct CanonicalDifferencesTests {
    private func request(
        _ body: String = "", _ type: String = "application/json", method: String = "POST", url: String = "http://h/"
    ) -> CanonicalRequest {
        CanonicalRequest(
            HTTPRequestRecord(
                method: method, url: url, headers: [HTTPHeader("Content-Type", type)], body: Array(body.utf8)))
    }

    private func differences(
        _ recorded: String, _ asked: String, _ type: String = "application/json", limit: Int = 8
    ) -> [RequestDifference] {
        request(asked, type).differences(from: request(recorded, type), limit: limit)
    }

    @Test(
        "JSON bodies differ at pointers, in recorded order, then what was added",
        arguments: [
            (#"{"a":1}"#, #"{"a":2}"#, ["/a: recorded 1, asked 2"]),
            (
                #"{"a":{"b":[1,2]}}"#, #"{"a":{"b":[1,3,4]}}"#,
                [
                    "/a/b/1: recorded 2, asked 3", "/a/b/2: recorded nothing, asked 4",
                ]
            ),
            (
                #"{"z":1,"a":1}"#, #"{"n":0,"a":"1"}"#,
                [
                    "/z: recorded 1, asked nothing", #"/a: recorded 1, asked "1""#, "/n: recorded nothing, asked 0",
                ]
            ),
            (#"{"a/b":{"~":1}}"#, #"{"a/b":{"~":{}}}"#, ["/a~1b/~0: recorded 1, asked {}"]),
            (#"{"":1}"#, #"{"":2}"#, ["/: recorded 1, asked 2"]),
            (#"{"a":[],"b":1.0}"#, #"{"b":1,"a":[]}"#, []),
        ])
    func json(recorded: String, asked: String, expected: [String]) {
        #expect(differences(recorded, asked).map(\.description) == expected.map { "body " + $0 })
    }

    @Test("Whole values that differ have no place")
    func wholeValue() {
        #expect(differences("[1]", "{}").map(\.description) == ["body: recorded [1], asked {}"])
    }

    @Test("No more differences than the limit are found")
    func limit() {
        let zeros = "[" + Array(repeating: "0", count: 1000).joined(separator: ",") + "]"
        let ones = "[" + Array(repeating: "1", count: 1000).joined(separator: ",") + "]"
        #expect(differences(zeros, ones, limit: 5).map(\.place) == (0..<5).map { "/\($0)" })
        #expect(differences(zeros, ones, limit: 0).isEmpty)
    }

    @Test("Long values are shortened at a whole character")
    func long() throws {
        let found = try #require(differences("[1]", "[\"" + String(repeating: "ü", count: 1000) + "\"]").first)
        let asked = try #require(found.asked)
        #expect(asked.hasSuffix("ü…"))
        #expect(asked.utf8.count <= 163)
    }

    @Test("Forms differ by name; values are spelled as JSON strings")
    func form() {
        let found = differences("a=1&b=2&c=3", "a=1&b=2&b=%0A&d", "application/x-www-form-urlencoded")
        #expect(
            found.map(\.description) == [
                #"body b: recorded "2", asked "\n", "2""#, #"body c: recorded "3", asked nothing"#,
                #"body d: recorded nothing, asked """#,
            ])
    }

    @Test("Multipart bodies differ by part, and by byte where the heads are the same")
    func multipart() {
        func body(_ parts: [String]) -> String {
            parts.map { "--B\r\nA: \($0.prefix(1))\r\n\r\n\($0)\r\n" }.joined() + "--B--"
        }
        let found = differences(body(["1x", "2x"]), body(["1y", "3", "4"]), "multipart/mixed; boundary=B")
        #expect(
            found.map(\.description) == [
                "body part 1, byte 1: recorded a: 1, 2 bytes, asked a: 1, 2 bytes",
                "body part 2: recorded a: 2, 2 bytes, asked a: 3, 1 bytes",
                "body part 3: recorded nothing, asked a: 4, 1 bytes",
            ])
    }

    @Test("Other bodies differ at a byte, and so do bodies of different forms")
    func raw() {
        #expect(
            differences("abc", "abd", "text/plain").map(\.description)
                == ["body byte 2: recorded 3 bytes, asked 3 bytes"])
        #expect(differences("", "x", "text/plain").map(\.description) == ["body: recorded nothing, asked 1 bytes"])
        let asked = request("a=1", "application/x-www-form-urlencoded")
        #expect(
            asked.differences(from: request("[1]"), limit: 8).map(\.description)
                == ["body byte 0: recorded JSON of 3 bytes, asked a form of 3 bytes"])
    }

    @Test("Method, host, path and query come first, in this order")
    func order() {
        let recorded = request("[1]", method: "PUT", url: "http://h/a?x=1")
        let asked = request("[2]", url: "https://g:1/b?x=2")
        #expect(asked.differences(from: recorded, limit: 8).map(\.part) == [.method, .host, .path, .query, .body])
        #expect(asked.differences(from: recorded, limit: 2).map(\.part) == [.method, .host])
    }

    @Test("Equal requests have no differences")
    func equal() {
        let first = request(#"{"a":1}"#, url: "HTTP://h:80/?a=1&b=2")
        let second = request(#"{ "a":1.0 }"#, url: "http://h?b=2&a=1")
        #expect(first.key == second.key)
        #expect(first.differences(from: second, limit: 8).isEmpty)
    }
}
