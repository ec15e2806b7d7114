import TestSupport
import Testing

@testable import FluxFormat

/// What takes the square of its input would run for hours here, and fails by the limit.
@Suite("Hostile requests", .timeLimit(.minutes(10)))
struct CanonicalHostileInputTests {
    /// A text of an eighth of a mebibyte. Its description stays short, as that of a test's argument should.
    struct Pattern: CustomTestStringConvertible {
        let head: String
        let unit: String
        let tail: String

        init(_ head: String, _ unit: String, _ tail: String = "") {
            (self.head, self.unit, self.tail) = (head, unit, tail)
        }

        var text: String { head + String(repeating: unit, count: (128 << 10) / unit.utf8.count) + tail }
        var testDescription: String { "\(head) \(unit)… \(tail)" }
    }

    private func request(_ body: [UInt8], type: String, url: String = "http://h/") -> CanonicalRequest {
        CanonicalRequest(
            HTTPRequestRecord(method: "POST", url: url, headers: [HTTPHeader("Content-Type", type)], body: body))
    }

    /// Takes the request and one like it through everything that playback does with them.
    private func compare(_ text: String, type: String) {
        let first = request(Array(text.utf8), type: type)
        var bytes = Array(text.utf8)
        if let index = bytes.lastIndex(of: UInt8(ascii: "1")) { bytes[index] = UInt8(ascii: "2") }
        let second = request(bytes, type: type)
        #expect((first.key == second.key) == (first.body == second.body))
        #expect(first.differences(from: second, limit: 8).count <= 8)
    }

    @Test(
        "Big JSON is compared in linear time",
        arguments: [
            Pattern("", "["), Pattern("[", "[],", "1]"), Pattern("", #"{"a":"#), Pattern("[", "1,", "1]"),
            Pattern("", "1"), Pattern("1.", "0", "1"), Pattern("1e", "9"), Pattern("-", "0"),
            Pattern("\"", "\\u0031", "\""), Pattern("\"", "\\ud800", "\""), Pattern("\"", "\\"),
            Pattern("{", #""":0,"#, #""":1}"#), Pattern("[", #"{"a":0},"#, "1]"), Pattern("", " "),
            Pattern("", "\u{0}"), Pattern("", "tru"),
        ])
    func json(pattern: Pattern) {
        compare(pattern.text, type: "application/json")
    }

    @Test("A long name above many elements is not copied for each of them")
    func longPointer() {
        let name = Pattern("", "n").text
        let values = Array(repeating: "0", count: 100_000).joined(separator: ",")
        let recorded = request(Array("{\"\(name)\":[\(values),0]}".utf8), type: "application/json")
        let asked = request(Array("{\"\(name)\":[\(values),1]}".utf8), type: "application/json")
        #expect(asked.differences(from: recorded, limit: 8).map(\.asked) == ["1"])
    }

    @Test(
        "Big forms are compared in linear time",
        arguments: [
            Pattern("", "&"), Pattern("", "a&"), Pattern("", "="), Pattern("", "%"), Pattern("", "%4"),
            Pattern("", "+"), Pattern("", "%00", "=1"), Pattern("", "a=1&"),
        ])
    func form(pattern: Pattern) {
        compare(pattern.text, type: "application/x-www-form-urlencoded")
    }

    @Test(
        "Big multipart bodies are compared in linear time",
        arguments: [
            Pattern("", "\r\n--"), Pattern("", "--B\r\n"), Pattern("", "--B\r\n\r\n\r\n", "--B--"),
            Pattern("--B\r\n", "\r\n"), Pattern("--B\r\n", "a:1\r\n", "\r\n\r\n--B--"), Pattern("", "\r"),
            Pattern("--", "-", "\r\n"), Pattern("--B", " "), Pattern("--B\r\n\r\n", "\r\n--A", "\r\n--B--"),
        ], ["multipart/mixed; boundary=B", "multipart/mixed"])
    func multipart(pattern: Pattern, type: String) {
        compare(pattern.text, type: type)
    }

    @Test("A boundary as long as the body is compared in linear time")
    func boundary() {
        let boundary = Pattern("", "a").text
        compare(Pattern("--" + boundary, "\r\n--aaaaaaaaaaaa").text, type: "multipart/mixed; boundary=\(boundary)")
    }

    @Test(
        "Big URLs are compared in linear time",
        arguments: [
            Pattern("http://", "h"), Pattern("http://", "@"), Pattern("http://", ":"), Pattern("http://[", ":"),
            Pattern("http://h/", "/"), Pattern("http://h/", "../"), Pattern("http://h/", "a/../b/"),
            Pattern("http://h/", "ü"), Pattern("http://h/?", "a=1&"), Pattern("http://h/", "\u{301}"),
            Pattern("", "?"), Pattern("", "#"), Pattern("", ":"), Pattern("", "//"),
        ])
    func url(pattern: Pattern) {
        let text = pattern.text
        let first = request([], type: "", url: text)
        let second = request([], type: "", url: "http://h/1")
        #expect(first.key == request([], type: "", url: text).key)
        #expect(!second.differences(from: first, limit: 8).isEmpty)
    }

    @Test("Random bytes under any content type are compared without a trap", arguments: 1...4 as ClosedRange<UInt64>)
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]\",:\\u0d8e1-+.tfn \r\n&=%;B".utf8) + [0xFF, 0xC3, 0xED, 0xA0, 0]
        let types = [
            "application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=B", "multipart/x", "",
        ]
        for _ in 0..<2000 {
            let length = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            for type in types {
                let first = request(bytes, type: type)
                let second = request(bytes.reversed(), type: type)
                #expect(first.key == request(bytes, type: type).key)
                _ = second.differences(from: first, limit: 8)
            }
        }
    }
}
