import Foundation
import TestSupport
import Testing

@Suite("Verify and stats")
struct VerifyTests {
    private struct Statistics: Decodable {
        let executions, interactions, events, segments, rawBytes, storedBytes, indexBytes: Int
    }

    private let store: ImportedStore

    init() throws {
        store = try ImportedStore()
    }

    @Test("Statistics have the documented members in their order")
    func statistics() throws {
        let run = try store.succeed("stats", "--json")
        #expect(
            run.lines.map(memberNames) == [
                ["executions", "interactions", "events", "segments", "rawBytes", "storedBytes", "indexBytes"]
            ])
        let figures = try #require(try run.values(Statistics.self).first)
        let listed = try store.executions()
        #expect(figures.executions == listed.count && figures.segments == 1)
        #expect(figures.interactions == listed.reduce(0) { $0 + $1.interactions })
        #expect(figures.events == listed.reduce(0) { $0 + $1.events })
        #expect(figures.rawBytes > figures.storedBytes && figures.storedBytes > 0 && figures.indexBytes > 0)
    }

    @Test("A table by app adds up to the statistics, and one by segment has every file")
    func tables() throws {
        struct App: Decodable {
            let app: String
            let executions, interactions, events, rawBytes, storedBytes: Int
        }
        struct Segment: Decodable {
            let segment, bytes: Int
            let path: String
            let isSealed: Bool
        }
        let figures = try #require(try store.succeed("stats", "--json").values(Statistics.self).first)
        let apps = try store.succeed("stats", "--apps", "--json").values(App.self)
        #expect(apps.reduce(0) { $0 + $1.executions } == figures.executions)
        #expect(apps.reduce(0) { $0 + $1.storedBytes } == figures.storedBytes)
        #expect(try store.succeed("stats", "--apps").lines.count == apps.count + 1)
        let segments = try store.succeed("stats", "--segments", "--json").values(Segment.self)
        #expect(try segments.map(\.segment) == [1] && segments.map(\.path) == [store.segment()])
        let table = try store.succeed("stats", "--segments").lines
        #expect(table.count == 2 && table[0].contains("STATE"))
        #expect(try store.run("stats", "--apps", "--segments").exitCode == 64)
    }

    @Test("A store as it was written is clean")
    func clean() throws {
        let run = try store.succeed("verify")
        #expect(run.text.hasPrefix("clean: 1 segments, ") && run.text.contains(" 47 executions, 97 events"))
    }

    @Test("A flipped byte is found, the file is named, and the bytes stay as they are")
    func flipped() throws {
        let path = try store.segment()
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count / 2] ^= 0xFF
        try bytes.write(to: URL(filePath: path))
        let run = try store.run("verify", "--deep")
        #expect(run.exitCode == 3)
        #expect(run.lines.first?.contains("\(path): damaged at byte ") == true, "\(run.text)")
        #expect(run.lines.last?.contains("findings: ") == true)
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
        let json = try store.run("verify", "--deep", "--json")
        #expect(json.exitCode == 3 && json.lines.last?.hasPrefix(#"{"clean":false,"#) == true)
    }

    @Test("Damage in one payload names the execution that it hits, and hides no other frame")
    func damagedPayload() throws {
        let path = try store.segment()
        let ids = try store.executions().map(\.id)
        var bytes = try Data(contentsOf: URL(filePath: path))
        // A frame's payload begins 96 bytes behind its magic; some bytes further on are compressed heads or bodies.
        let frame = try #require(bytes.range(of: Data("RPF1".utf8), in: bytes.count / 3..<bytes.count))
        bytes[frame.lowerBound + 96 + 60] ^= 0xFF
        try bytes.write(to: URL(filePath: path))
        let run = try store.run("verify", "--deep")
        #expect(run.exitCode == 3 && run.lines.count == 2, "\(run.text)")
        #expect(run.lines.first?.contains("\(path): damaged at byte \(frame.lowerBound):") == true, "\(run.text)")
        #expect(ids.contains { run.lines.first?.hasSuffix("a frame of execution \($0)") == true }, "\(run.text)")
        #expect(run.lines.last?.contains("1 findings: 1 segments, 47 frames, 47 executions") == true, "\(run.text)")
    }

    @Test("A store whose only header is damaged is told as lost, not as a check that could not be made")
    func damagedHeader() throws {
        let path = try store.segment()
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[50] ^= 0xFF
        try bytes.write(to: URL(filePath: path))
        let run = try store.run("verify", "--deep")
        #expect(run.exitCode == 3 && run.text.contains(path), "\(run.text) \(run.errors)")
    }

    @Test("Without its index a store gives the same answers, and is clean")
    func noIndex() throws {
        let before = try store.succeed("ls", "--json").output
        for _ in 0..<2 {
            try FileManager.default.removeItem(atPath: "\(store.path)/index")
            #expect(try store.succeed("verify").text.hasPrefix("clean: "))
        }
        #expect(try store.succeed("ls", "--json").output == before)
    }
}
