import FluxFormat
import Testing

@testable import FluxReplay

@Suite("Answers")
struct AnswerTests {
    private static let gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0xFF]

    private func answer(
        _ headers: [HTTPHeader], status: UInt16 = 200, body: [UInt8] = [], method: String = "GET"
    ) throws -> PlaybackAnswer {
        try #require(
            try played(HTTPResponseRecord(status: status, headers: headers, body: body), method: method))
    }

    @Test(
        "A content coding stays where the body is in it, and goes where it was undone",
        arguments: [
            ("gzip", gzip, true), ("x-gzip", gzip, true), ("GZIP", gzip, true), ("gzip", Array("plain".utf8), false),
            ("gzip", [], false), ("deflate", [0x78, 0x9C, 1], true), ("deflate", Array("plain".utf8), false),
            // A deflate stream without the zlib header, as some servers send it.
            ("deflate", [0xCB, 0x48, 0xCD, 0xC9, 0xC9, 7, 0], true), ("br", [0x8B, 2, 0x80, 0xFF], true),
            ("br", Array("plain".utf8), false), ("zstd", [0x28, 0xB5, 0x2F, 0xFD, 0], true),
            ("zstd", Array("plain".utf8), false), ("identity", Array("plain".utf8), true),
            ("br, gzip", gzip, true), ("gzip, br", gzip, true), ("gzip , identity", Array("plain".utf8), false),
        ] as [(String, [UInt8], Bool)])
    func contentCoding(coding: String, body: [UInt8], isKept: Bool) throws {
        let answer = try answer([HTTPHeader("content-ENCODING", coding)], body: body)
        #expect(answer.values(of: "content-encoding") == (isKept ? [coding] : []))
        #expect(answer.body == body)
        #expect(answer.values(of: "content-length") == ["\(body.count)"])
    }

    @Test("The length is that of the bytes sent, in the place and spelling of the recorded header")
    func length() throws {
        let answer = try answer(
            [
                HTTPHeader("A", "1"), HTTPHeader("CONTENT-length", "999"), HTTPHeader("B", "2"),
                HTTPHeader("Content-Length", "7"),
            ], body: [1, 2, 3])
        #expect(
            answer.headers == [HTTPHeader("A", "1"), HTTPHeader("CONTENT-length", "3"), HTTPHeader("B", "2")])
    }

    @Test("A recorded transfer coding is gone: the body is sent whole, with its length")
    func transferCoding() throws {
        let answer = try answer([HTTPHeader("Transfer-Encoding", "chunked")], body: [1, 2])
        #expect(answer.headers == [HTTPHeader("Content-Length", "2")])
    }

    @Test("An answer whose body was not recorded is sent with an empty one")
    func unknownBody() throws {
        let answer = try #require(try played(HTTPResponseRecord(status: 200)))
        #expect(answer.body.isEmpty)
        #expect(answer.headers == [HTTPHeader("Content-Length", "0")])
    }

    @Test("Answers 204 and 304 have neither body nor length", arguments: [204, 304] as [UInt16])
    func bodyless(status: UInt16) throws {
        let headers = [
            HTTPHeader("ETag", "x"), HTTPHeader("Content-Length", "3"), HTTPHeader("Content-Encoding", "gzip"),
        ]
        let answer = try answer(headers, status: status, body: [1, 2, 3])
        #expect(answer.body.isEmpty)
        #expect(answer.headers == [HTTPHeader("ETag", "x"), HTTPHeader("Content-Encoding", "gzip")])
    }

    @Test(
        "The answer to HEAD keeps the recorded length and has no body",
        arguments: [(["1234"], ["1234"]), ([], []), (["12x"], []), (["1", "2"], []), (["5", "5"], ["5"])])
    func head(recorded: [String], sent: [String]) throws {
        let headers = recorded.map { HTTPHeader("Content-Length", $0) } + [HTTPHeader("Content-Encoding", "gzip")]
        let answer = try answer(headers, body: [1], method: "HEAD")
        #expect(answer.body.isEmpty)
        #expect(answer.values(of: "content-length") == sent)
        #expect(answer.values(of: "content-encoding") == ["gzip"])
    }

    @Test("Headers that are meant for one connection are not sent again")
    func hopByHop() throws {
        let names = [
            "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "HTTP2-Settings", "Proxy-Authenticate",
            "Proxy-Connection", "X-Hop", "X-Other-Hop", "X-End",
        ]
        let headers = names.map { HTTPHeader($0, $0 == "Connection" ? "close, X-Hop,x-other-hop" : "v") }
        #expect(try answer(headers).headers == [HTTPHeader("X-End", "v"), HTTPHeader("Content-Length", "0")])
    }

    @Test(
        "Headers that no server may send are not sent",
        arguments: [
            HTTPHeader(":status", "200"), HTTPHeader("", "v"), HTTPHeader("a b", "v"), HTTPHeader("a\r\nb", "v"),
            HTTPHeader("é", "v"), HTTPHeader("a", "x\u{0}y"), HTTPHeader("a", "x\ry"), HTTPHeader("a", "x\u{7F}"),
        ])
    func invalid(header: HTTPHeader) throws {
        #expect(try answer([header]).headers == [HTTPHeader("Content-Length", "0")])
    }

    @Test("Valid headers keep order, spelling and repeats; blanks around values go")
    func valid() throws {
        let headers = [
            HTTPHeader("Set-Cookie", "a=1"), HTTPHeader("set-cookie", " b=2\t"), HTTPHeader("X", "\ta \t b "),
            HTTPHeader("Empty", ""), HTTPHeader("Text", "é"), HTTPHeader("Content-Length", "0"),
        ]
        let trimmed = headers.map { header in
            HTTPHeader(header.name, ["set-cookie": "b=2", "X": "a \t b"][header.name] ?? header.value)
        }
        #expect(try answer(headers).headers == trimmed)
    }

    @Test("A line end in a value makes no header of another name")
    func injection() throws {
        let answer = try answer([
            HTTPHeader("A", "1\r\nSet-Cookie: x=1\r\n\r\n<html>"), HTTPHeader("Set-Cookie", "a=1\nb=2\n"),
        ])
        #expect(answer.values(of: "a") == ["1", "Set-Cookie: x=1", "<html>"])
        #expect(answer.values(of: "set-cookie") == ["a=1", "b=2"])
        for header in answer.headers { #expect(!(header.name + header.value).utf8.contains { $0 < 0x20 }) }
    }

    @Test("A reason is sent as recorded, unless it breaks the line", arguments: [("Fine", "Fine"), ("a\r\nb", "")])
    func reason(recorded: String, sent: String) throws {
        #expect(try played(HTTPResponseRecord(status: 200, reason: recorded))?.reason == sent)
    }

    @Test(
        "An answer that ends no exchange becomes 502 and says so",
        arguments: [0, 100, 101, 199, 1000, nil] as [UInt16?])
    func unanswered(status: UInt16?) throws {
        let response = status.map { HTTPResponseRecord(status: $0, body: [1]) }
        let answer = try #require(try played(response))
        #expect(answer.status == 502)
        #expect(answer.values(of: "content-length") == ["\(answer.body.count)"])
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.hasPrefix(#"{"error":"unanswered","message":"the request was recorded, but with "#))
        #expect(text.contains(status.map { "status \($0)," } ?? "no answer,"))
        #expect(try played(response, method: "HEAD")?.body == [])
    }

    @Test("Any other status is played back", arguments: [200, 205, 299, 404, 599, 600, 999] as [UInt16])
    func statuses(status: UInt16) throws {
        #expect(try played(HTTPResponseRecord(status: status))?.status == Int(status))
    }
}
