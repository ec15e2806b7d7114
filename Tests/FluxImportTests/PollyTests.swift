import FluxFormat
import Testing

@testable import FluxImport

@Suite("Archives of Polly.JS")
struct PollyTests {
    private func imported(content: String, headers: String = "[]") throws -> ImportedFile {
        try FluxImportTests.imported(
            """
            {"log":{"_recordingName":"api/should work","creator":{"comment":"persister:fs","name":"Polly.JS",
            "version":"5.1.0"},"entries":[{"_id":"5eb6","_order":0,"request":{"method":"GET","url":"http://a.b/",
            "headers":[{"name":"accept","value":["x","y"]},{"_fromType":"array","name":"host","value":"a.b"}]},
            "response":{"status":200,"headers":\(headers),"content":\(content)}}],"version":"1.2"}}
            """, path: "should-work_1/recording.har")
    }

    private let gzip = #"[{"name":"Content-Encoding","value":"gzip"}]"#

    @Test("Its executions have the recording's name, and header values may be lists")
    func dialect() throws {
        let file = try imported(content: "{}")
        #expect(file.kind == .polly && file.executions[0].metadata.name == "api/should work")
        #expect(file.executions[0].metadata.sdkVersion == "Polly.JS 5.1.0")
        let exchange = try file.exchange
        #expect(exchange.request.headers.map(\.value) == ["x", "y", "a.b"])
        #expect(exchange.response?.body == nil)
    }

    @Test("An encoded body is a list of hexadecimal chunks, with a mark or without")
    func chunks() throws {
        let list = #""[\"1f8b08\",\"00ff\"]""#
        let bytes: [UInt8] = [0x1F, 0x8B, 0x08, 0x00, 0xFF]
        #expect(try imported(content: #"{"text":\#(list),"_isBinary":true}"#).exchange.response?.body == bytes)
        #expect(try imported(content: #"{"text":\#(list)}"#, headers: gzip).exchange.response?.body == bytes)
        let plain = try imported(content: #"{"text":\#(list)}"#).exchange.response?.body
        #expect(text(plain) == #"["1f8b08","00ff"]"#)
    }

    @Test("Chunks that are not hexadecimal are base64 where they are marked, and a text else")
    func base64Chunks() throws {
        let list = #""[\"H4sI\",\"AP8=\"]""#
        let marked = try imported(content: #"{"text":\#(list),"_isBinary":true}"#).exchange.response?.body
        #expect(marked == [0x1F, 0x8B, 0x08, 0x00, 0xFF])
        let unmarked = try imported(content: #"{"text":\#(list)}"#, headers: gzip).exchange.response?.body
        #expect(text(unmarked) == #"["H4sI","AP8="]"#)
    }

    @Test("A binary body without encoding is one hexadecimal text, told by its media type")
    func bareHexadecimal() throws {
        for mimeType in ["image/png", "application/octet-stream", "font/woff2", "application/pdf"] {
            let content = #"{"text":"89504e47","mimeType":"\#(mimeType)"}"#
            #expect(try imported(content: content).exchange.response?.body == [0x89, 0x50, 0x4E, 0x47])
        }
        for content in [
            #"{"text":"89504e47","mimeType":"text/plain"}"#, #"{"text":"89504E47","mimeType":"image/png"}"#,
        ] {
            #expect(try imported(content: content).exchange.response?.body?.count == 8)
        }
    }

    @Test("Since version 6 a binary body is base64 as in every archive")
    func base64() throws {
        let content = #"{"text":"iVBORw==","encoding":"base64","_isBinary":true}"#
        #expect(try imported(content: content, headers: gzip).exchange.response?.body == [0x89, 0x50, 0x4E, 0x47])
    }

    @Test("A text that only looks like chunks stays a text", arguments: [#"["a"#, #"["1f",2]"#, #"["1f"]x"#])
    func lookAlikes(body: String) throws {
        let written = body.replacing("\"", with: #"\""#)
        let read = try imported(content: #"{"text":"\#(written)"}"#, headers: gzip).exchange.response?.body
        #expect(text(read) == body)
    }
}
