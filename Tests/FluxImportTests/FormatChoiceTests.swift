import FluxFormat
import Testing

@testable import FluxImport

@Suite("Which format a file is of")
struct FormatChoiceTests {
    private let archive = #"{"log":{"entries":[{"request":{"method":"GET","url":"/"}}]}}"#
    private let cassette = "interactions:\n- request: {method: GET, uri: /}\nversion: 1\n"

    @Test("Families and kinds are listed once, in the order of reports")
    func lists() {
        #expect(RecordingReader.families == ["vcr", "har"])
        #expect(
            RecordingReader.kinds.map(\.rawValue) == ["vcr-ruby", "vcr-ruby-json", "vcrpy", "go-vcr", "har", "polly"])
    }

    @Test("A family that is asked for is the only one that is read")
    func families() throws {
        #expect(try imported(archive, path: "a.json", family: "har").kind == .har)
        #expect(try imported(cassette, path: "a.yml", family: "vcr").kind == .vcrPy)
        #expect(throws: ImportError.unknownFormat(file: "a.json", reason: "of the family har, which was not asked for"))
        {
            try imported(archive, path: "a.json", family: "vcr")
        }
        #expect(throws: ImportError.unknownFormat(file: "a.yml", reason: "of the family vcr, which was not asked for"))
        {
            try imported(cassette, path: "a.yml", family: "har")
        }
    }

    @Test("Content decides, not the name", arguments: ["a", "a.txt", "a.yml", "a.json", "dir.har/a", ".har"])
    func content(path: String) throws {
        #expect(try imported(archive, path: path).kind == .har)
    }

    @Test("Files of a folder are candidates by the ends of their names")
    func candidates() {
        let names = [
            "a.yml", "a.YAML", "x/a.json", "a.har", "a.HARP", "a.b.har", "a.yml.gz", "har", ".har", "a.har/b", "a.",
        ]
        #expect(
            names.map { RecordingReader.isCandidate(path: $0) } == [true, true, true, true, true, true] + [
                false, false, false, false, false,
            ])
    }

    @Test("A recording is named by its file without the end, and cut where it is too long")
    func names() throws {
        #expect(try imported(cassette, path: "a/b/test.x.yaml").executions[0].metadata.name == "test.x")
        #expect(try imported(cassette, path: "a/.yaml").executions[0].metadata.name == ".yaml")
        #expect(try imported(cassette, path: "").executions[0].metadata.name == "")
    }
}
