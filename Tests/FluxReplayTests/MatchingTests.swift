import FluxFormat
import Testing

@testable import FluxReplay

@Suite("Matching")
struct MatchingTests {
    @Test(
        "A URL that means the same finds the recorded answer",
        arguments: [
            ("http://h/", "http://h"), ("http://h/", "HTTP://H/"), ("http://h/a", "http://h:80/a"),
            ("https://h:443/a", "https://h/a"), ("http://h/a", "http://h/a?"), ("http://h/a", "http://h/a#part"),
            ("http://h/a", "http://me:secret@h/a"), ("http://h/a/~b", "http://h/x/../a/./%7eb"),
            ("http://h/ü", "http://h/%c3%bc"), ("http://h/a b", "http://h/a%20b"),
            ("http://h/?a=1&b=2", "http://h/?b=2&a=1"), ("http://h/?q=a+b", "http://h/?q=a%20b"),
            ("http://h/?a", "http://h/?a="), ("http://[::1]:80/", "http://[::1]/"),
            ("http://<HOST>/<USER>", "http://%3Chost%3E/%3CUSER%3E"),
        ])
    func sameURL(recorded: String, asked: String) throws {
        let session = try PlaybackSession([exchange(request(recorded), "it")])
        #expect(session.text(request(asked)) == "it")
    }

    @Test(
        "A URL that means something else is a miss",
        arguments: [
            ("http://h/", "https://h/"), ("http://h/", "http://h:8080/"), ("http://h/", "http://g/"),
            ("http://h/a", "http://h/A"), ("http://h/a", "http://h/a/"), ("http://h/a/b", "http://h/a%2Fb"),
            ("http://h/a+b", "http://h/a%20b"), ("http://h/?a=1", "http://h/"), ("http://h/?a=1", "http://h/?a=1&a=1"),
            ("http://h/?q=a%2Bb", "http://h/?q=a+b"),
        ])
    func otherURL(recorded: String, asked: String) throws {
        let session = try PlaybackSession([exchange(request(recorded), "it")])
        #expect(session.miss(request(asked))?.kind == .notRecorded)
    }

    @Test("The method counts, in whatever case it is spelled")
    func method() throws {
        let session = try PlaybackSession([exchange(request("get", "http://h/"), "it")])
        #expect(session.text(request("POST", "http://h/")) == nil)
        #expect(session.text(request("GET", "http://h/")) == "it")
    }

    @Test(
        "A body that means the same finds the recorded answer",
        arguments: [
            ("application/json", #"{"a":1.0,"b":"é"}"#, #" { "b" : "\u00e9", "a" : 10e-1 } "#),
            ("application/vnd.api+json; charset=utf-8", "[1]", "[ 1 ]"),
            ("application/x-www-form-urlencoded", "a=1&b=x+y", "b=x%20y&a=1"),
            ("text/plain", "same", "same"),
        ])
    func sameBody(type: String, recorded: String, asked: String) throws {
        let session = try PlaybackSession([exchange(request("POST", "http://h/", type: type, body: recorded), "it")])
        #expect(session.text(request("POST", "http://h/", type: type.uppercased(), body: asked)) == "it")
    }

    @Test(
        "A body that means something else is a miss",
        arguments: [
            ("application/json", "[1,2]", "[2,1]"), ("application/json", #"{"a":1,"a":2}"#, #"{"a":2,"a":1}"#),
            ("application/json", "[1]", #"["1"]"#), ("application/x-www-form-urlencoded", "a=1", "a=2"),
            ("text/plain", "one", "One"),
        ])
    func otherBody(type: String, recorded: String, asked: String) throws {
        let session = try PlaybackSession([exchange(request("POST", "http://h/", type: type, body: recorded), "it")])
        #expect(session.miss(request("POST", "http://h/", type: type, body: asked))?.kind == .notRecorded)
    }

    @Test("The same bytes are the same body under any content type", arguments: ["", "text/plain", "application/json"])
    func sameBytes(type: String) throws {
        let session = try PlaybackSession([
            exchange(request("POST", "http://h/", type: "application/x-www-form-urlencoded", body: #"{"a":1}"#), "it")
        ])
        #expect(session.text(request("POST", "http://h/", type: type, body: #"{"a":1}"#)) == "it")
    }

    @Test("No body and an empty one are the same")
    func emptyBody() throws {
        let session = try PlaybackSession([exchange(request("POST", "http://h/"), "it")])
        #expect(session.text(request("POST", "http://h/", type: "application/json", body: "")) == "it")
    }

    @Test("The boundary of a multipart body does not count")
    func boundary() throws {
        func upload(_ boundary: String) -> HTTPRequestRecord {
            request(
                "POST", "http://h/", type: "multipart/form-data; boundary=\(boundary)",
                body: "--\(boundary)\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--\(boundary)--\r\n")
        }
        let session = try PlaybackSession([exchange(upload("one"), "it")])
        #expect(session.text(upload("another")) == "it")
    }

    @Test("Headers other than the content type do not count")
    func headers() throws {
        let session = try PlaybackSession([exchange(request("http://h/"), "it")])
        var asked = request("http://h/")
        asked.headers = [
            HTTPHeader("Accept-Encoding", "br"), HTTPHeader("Authorization", "x"), HTTPHeader("Host", "g"),
            HTTPHeader("Expect", "100-continue"),
        ]
        #expect(session.text(asked) == "it")
    }

    @Test("A recorded text that is no URL equals only itself")
    func noURL() throws {
        let session = try PlaybackSession([exchange(request("<HOST>jobs"), "it")])
        #expect(session.text(request("http://h/jobs")) == nil)
        #expect(session.text(request("<HOST>jobs")) == "it")
    }
}
