import Testing

@testable import FluxFormat

@Suite("Canonical body")
struct CanonicalBodyTests {
    private func body(_ text: String, _ headers: (String, String)...) -> CanonicalBody {
        CanonicalBody(Array(text.utf8), headers: headers.map { HTTPHeader($0.0, $0.1) })
    }

    @Test(
        "These content types say JSON",
        arguments: [
            "application/json", "Application/JSON; charset=utf-8", "text/json", "application/problem+json",
            "application/x-json", "application/x-amz-json-1.1", " application/json ;x=y", "",
        ])
    func json(type: String) {
        #expect(body("[ 1 ]", ("content-type", type)) == .json(.array([.number("1")])))
    }

    @Test(
        "These do not",
        arguments: ["text/plain", "application/x-ndjson", "application/jsonlines", "json", "application/octet-stream"])
    func notJSON(type: String) {
        #expect(body("[ 1 ]", ("Content-Type", type)) == .raw(Array("[ 1 ]".utf8)))
    }

    @Test("Without a content type only objects and lists are taken for JSON")
    func untyped() {
        #expect(body(" {}") == .json(.object([])))
        #expect(body("1") == .raw(Array("1".utf8)))
        #expect(body("{a}") == .raw(Array("{a}".utf8)))
    }

    @Test("A body that is not what its content type says is compared by its bytes")
    func misnamed() {
        for text in ["{", #"{"a":1,"a":2}"#, "\u{FEFF}{}"] {
            #expect(body(text, ("Content-Type", "application/json")) == .raw(Array(text.utf8)))
        }
        #expect(body("a", ("Content-Type", "multipart/form-data; boundary=b")) == .raw(Array("a".utf8)))
    }

    @Test("A body in a content coding is compared by its bytes")
    func encoded() {
        let type = ("Content-Type", "application/json")
        #expect(body("[1]", type, ("Content-Encoding", "gzip")) == .raw(Array("[1]".utf8)))
        #expect(body("[1]", type, ("Content-Encoding", "Identity")) == .json(.array([.number("1")])))
    }

    @Test("Form pairs are decoded and sorted")
    func form() {
        let type = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        #expect(body("b=%C3%BC+x&a=1&a", type) == body("a=&a=1&b=ü%20x", type))
        #expect(body("a=1&b=2", type) != body("a=2&b=1", type))
    }

    @Test("An empty body is none under any content type")
    func empty() {
        #expect(body("", ("Content-Type", "application/json")) == .none)
        #expect(CanonicalBody([], headers: []) == .none)
    }

    @Test("Bodies of different forms have different keys")
    func keys() {
        func key(_ text: String, _ type: String) -> RequestKey {
            CanonicalRequest(
                HTTPRequestRecord(
                    method: "POST", url: "http://h/", headers: [HTTPHeader("Content-Type", type)],
                    body: Array(text.utf8))
            ).key
        }
        let types = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
        let keys = types.flatMap { type in ["", "1", "-", "[]", "a=1"].map { key($0, type) } }
        // The empty body is one for all types, and what is no JSON is compared as text.
        #expect(Set(keys).count == 15 - 2 - 2)
    }
}

@Suite("Canonical multipart body")
struct CanonicalMultipartTests {
    private static let type = "multipart/form-data; boundary=B"
    private static let body =
        "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\nX:  1 \r\n\r\none\r\n--B \t\r\n\r\n\r\n--B--\r\nepilogue"

    private func parts(_ text: String, _ type: String = type) -> [MultipartBody.Part]? {
        MultipartBody.parts(of: Array(text.utf8), contentType: type)
    }

    @Test("Parts are split from boundary, preamble and epilogue")
    func split() throws {
        let parts = try #require(MultipartBody.parts(of: Array(Self.body.utf8), contentType: Self.type))
        #expect(parts.count == 2)
        #expect(
            parts[0].headers
                == [HTTPHeader("content-disposition", "form-data; name=\"a\""), HTTPHeader("x", "1")])
        #expect(parts[0].body == Array("one".utf8))
        #expect(parts[1].headers.isEmpty)
        #expect(parts[1].body.isEmpty)
    }

    @Test(
        "The boundary may be quoted, among other parameters, or lost",
        arguments: [
            "multipart/form-data; boundary=\"B\"", "multipart/mixed;charset=utf-8; BOUNDARY = B",
            "multipart/form-data",
        ])
    func boundary(type: String) {
        let text = String(Self.body.trimmingPrefix("preamble\r\n"))
        // Blanks around the equals sign are not allowed, so that the boundary counts as lost there.
        #expect(parts(text, type) == parts(text))
        #expect(parts(text)?.count == 2)
    }

    @Test("Order and repeats of headers in a part do not count for names, but values do")
    func headers() {
        #expect(parts("--B\r\nA: 1\r\nB: 2\r\n\r\n\r\n--B--") == parts("--B\r\nb:2\r\na:1\r\n\r\n\r\n--B--"))
        #expect(parts("--B\r\nA: 1\r\n\r\n\r\n--B--") != parts("--B\r\nA: 2\r\n\r\n\r\n--B--"))
    }

    @Test("A body cut at any byte before its end is no multipart body")
    func cut() {
        let bytes = Array(Self.body.utf8)
        let end = bytes.count - "\r\nepilogue".utf8.count
        for count in 0..<end {
            #expect(MultipartBody.parts(of: Array(bytes[..<count]), contentType: Self.type) == nil)
        }
        for count in end...bytes.count {
            #expect(MultipartBody.parts(of: Array(bytes[..<count]), contentType: Self.type)?.count == 2)
        }
    }

    @Test(
        "What is no multipart body is refused",
        arguments: [
            "", "--", "--B", "--B--x", "--B\r\n", "--B\r\nno end of headers\r\n--B--", "--Bx\r\n\r\n\r\n--Bx--",
            "\n--B\n\n\n--B--",
        ])
    func refused(text: String) {
        let parts = self.parts(text)
        #expect(parts == nil || parts == [])
    }

    @Test("A boundary longer than the RFC allows is refused", arguments: [(70, true), (71, false), (500_000, false)])
    func longBoundary(byteCount: Int, isRead: Bool) {
        let boundary = String(repeating: "-", count: byteCount)
        let text = "--\(boundary)\r\n\r\n1\r\n--\(boundary)--"
        #expect((parts(text, "multipart/mixed; boundary=\(boundary)") != nil) == isRead)
        #expect((parts(text, "multipart/mixed") != nil) == isRead)
    }
}
