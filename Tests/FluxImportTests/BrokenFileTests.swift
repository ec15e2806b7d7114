import Foundation
import Testing

@testable import FluxImport

@Suite("Files that cannot be read")
struct BrokenFileTests {
    @Test("A file without content says so", arguments: ["", " \n\t\r\n", "\u{FEFF}", "\u{FEFF}\n"])
    func empty(content: String) {
        #expect(refusal(of: content, path: "a.har") == .emptyFile(file: "a.har"))
        for path in ["a.json", "a.txt", "a"] {
            let reason = "the file is empty; record it anew or leave it out"
            #expect(refusal(of: content, path: path) == .unknownFormat(file: path, reason: reason))
        }
    }

    @Test("A file of YAML without content is no cassette where cassettes are not looked for")
    func emptyOfOtherFamily() {
        do throws(ImportError) {
            _ = try imported("", path: "a.yml", family: "har")
            Issue.record("an empty file was read as an archive")
        } catch {
            #expect(error.isUnknownFormat)
        }
    }

    @Test("Bytes that are not UTF-8 are named by the offset of the first wrong one", arguments: ["a.har", "a.yml"])
    func notUTF8(path: String) {
        let start = Array("http_interactions: 'é".utf8)
        for (bytes, offset) in [
            (start + [0xFF], 22), ([0xFF, 0xFE, 0x7B, 0x00], 0), (start + [0xE2, 0x82], 22),
            ([0xEF, 0xBB, 0xBF, 0xC0], 3),
            (start + [0xED, 0xA0, 0x80], 22),
        ] {
            guard let error = refusal(of: bytes, path: path) else { continue }
            let isNamed = path == "a.har" || bytes.starts(with: start)
            #expect(error.isUnknownFormat != isNamed)
            if isNamed { #expect(error == .notUTF8(file: path, offset: offset)) }
            #expect(error.description.contains("byte \(offset)"))
        }
    }

    @Test("Text of another sort is no failure of a folder that is walked", arguments: ["a.json", "a.yml", "a.txt"])
    func otherSorts(path: String) {
        for text in [
            "{\"name\": \"package\"}", "[1, 2]", "{\"log\": 1}", "{\"log\": {\"x\": 1}}", "{\"interactions\": 1}",
            "services: {web: {image: x}}", "- request: {url: x}\n  response: {}", "{\"a\": ", "interactions:\n- a: 1",
        ] {
            guard let error = refusal(of: text, path: path) else { continue }
            #expect(error.isUnknownFormat, "\(error)")
        }
    }

    @Test("Text that carries a mark of a format is a broken file of it")
    func marks() {
        for (text, path) in [
            ("http_interactions:\n- request: {", "a.yml"), ("interactions:\n- request:\n  - \"", "a.yaml"),
            ("interactions:\r\n- request: [", "a.yaml"), ("---\nversion: 2\ninteractions: {", "a.yaml"),
            (#"{"log":{"entries":[{"startedDateTime":"#, "a.json"), (#"{"http_interactions": ["#, "a.json"),
        ] {
            #expect(refusal(of: text, path: path)?.isUnknownFormat == false)
        }
    }

    @Test("A file named as an archive is a broken one, whatever it holds")
    func archiveNames() {
        for text in ["[]", "{}", "1", "{\"log\": null}", "{\"log\": []}", "{\"log\": {\"version\": \"1.2\"}}", "log:"] {
            guard let error = refusal(of: text, path: "x/a.har") else { continue }
            #expect(!error.isUnknownFormat && error.place != nil && error.file == "x/a.har", "\(error)")
        }
    }

    @Test("The published broken archives are refused, with the place")
    func published() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(
                path: "Fixtures/broken-recordings/har/janodvarko__harviewer/selenium/tests/hars")
        func message(_ name: String) throws -> String? {
            refusal(of: Array(try Data(contentsOf: folder.appending(path: name))), path: name)?.description
        }
        #expect(
            try message("not-json.har")
                == #"not-json.har: line 8, column 5: invalid JSON: "," or "}" is expected, not "x""#)
        #expect(
            try message("not-valid.har")
                == "not-valid.har: line 2, column 9 ($.log): a HAR log must have the list \"entries\"; "
                + "was the file cut or edited?")
    }

    @Test("An archive cut at any byte is refused with the place of its end")
    func cutArchive() throws {
        let archive = Array(
            """
            {"log":{"version":"1.2","pages":[{"id":"p","title":"é\\u00e9"}],
            "entries":[{"request":{"method":"GET","url":"http://a.b/","headers":[{"name":"a","value":"b"}]},
            "response":{"status":200,"content":{"text":"x"}},"time":-1.5e+3,"cache":null,"ok":true}]}}
            """.utf8)
        #expect(try RecordingReader().recordings(in: archive, path: "a.har").interactionCount == 1)
        for count in 1..<archive.count {
            guard let error = refusal(of: Array(archive[..<count]), path: "a.har") else { continue }
            #expect(error.file == "a.har" && !error.isUnknownFormat)
            if case .notUTF8(_, let offset) = error {
                #expect(offset == count - 1)
            } else {
                let line = archive[..<count].count { $0 == UInt8(ascii: "\n") } + 1
                #expect(error.place?.line == line, "\(error)")
            }
        }
    }

    @Test("A cassette cut at any byte is read up to there, or refused, and never stops the program")
    func cutCassette() {
        let cassette = Array(
            """
            ---
            http_interactions:
            - request:
                method: &m get
                uri: "http://a.b/\\u00e9"
                headers: {A: [b, *m], ? c : !!binary "AA=="}
              response:
                status: {code: 200, message: 'O''K'}
                body: |+
                  é

            recorded_with: VCR
            """.utf8)
        for count in 0...cassette.count {
            do throws(ImportError) {
                _ = try RecordingReader().recordings(in: Array(cassette[..<count]), path: "a.yml")
            } catch {
                #expect(error.file == "a.yml" && !error.reason.isEmpty)
            }
        }
    }

    @Test("A file flipped at any byte is read or refused, and never stops the program")
    func flipped() {
        for text in [
            #"{"log":{"entries":[{"request":{"method":"GET","url":"\u00e9","postData":{"params":[{"name":"a"}]}}}]}}"#,
            "interactions:\n- request: {method: GET, uri: &a \"x\\x41\"}\n  response: {status: {code: 200}, body: *a}\n",
        ] {
            for index in text.utf8.indices {
                for bit in 0..<8 {
                    var bytes = Array(text.utf8)
                    bytes[text.utf8.distance(from: text.utf8.startIndex, to: index)] ^= 1 << bit
                    for path in ["a.har", "a.yml"] { _ = try? RecordingReader().recordings(in: bytes, path: path) }
                }
            }
        }
    }
}
