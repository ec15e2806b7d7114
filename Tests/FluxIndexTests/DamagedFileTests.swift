import FluxFormat
import Foundation
import Testing

@testable import FluxIndex

@Suite("Damaged file")
struct DamagedFileTests {
    private let log = randomExecutions(40, seed: 10)

    private func soundBytes(_ path: String) throws -> [UInt8] {
        let index = try openIndex(path)
        try index.apply(log.frames, through: log.applied)
        try index.close()
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    /// Does all that can be done with an index; whatever is wrong comes as an `IndexError`.
    private func useAll(_ path: String, _ access: IndexAccess) throws {
        do throws(IndexError) {
            let index = try openIndex(path, access: access)
            attempt { () throws(IndexError) in _ = try index.applied }
            attempt { () throws(IndexError) in _ = try index.totals() }
            attempt { () throws(IndexError) in _ = try index.allSummaries(afterN: nil, limit: 1000) }
            attempt { () throws(IndexError) in _ = try index.problems(limit: 3) }
            for query in [
                ExecutionQuery(), ExecutionQuery(app: "shop"), ExecutionQuery(status: .ok, route: "/"),
                ExecutionQuery(durationNanosecondsMin: 5), ExecutionQuery(tags: ["team": "a1"], tagKeys: ["team"]),
                ExecutionQuery(errorFingerprint: "fp1", requestID: "request 1", traceID: "trace 1"),
            ] {
                attempt { () throws(IndexError) in
                    _ = try index.page(matching: query, limit: 1000, after: nil)
                }
            }
            for frame in log.frames.prefix(12) {
                let id = frame.header.executionID
                attempt { () throws(IndexError) in _ = try index.summary(of: id) }
                attempt { () throws(IndexError) in _ = try index.frames(of: id) }
                attempt { () throws(IndexError) in _ = try index.progress(of: id) }
            }
            guard access == .readWrite else { return }
            var more = FrameSource(nextSequence: log.applied.nextFrameSequence)
            let frames = log.frames.prefix(12).map {
                more.frame(of: $0.header.executionID, .executionLast, metadata: log.frames[0].metadata?.value)
            }
            attempt { () throws(IndexError) in try index.apply(frames, through: more.applied) }
            attempt { () throws(IndexError) in try index.close() }
        } catch {
            #expect(!error.description.isEmpty)
        }
    }

    private func attempt(_ body: () throws(IndexError) -> Void) {
        do throws(IndexError) {
            try body()
        } catch {
            #expect(!error.description.isEmpty)
        }
    }

    @Test("A flipped byte anywhere is an error or another answer, never a trap")
    func flippedBytes() throws {
        let folder = try TemporaryFolder()
        let sound = try soundBytes(folder.path("sound"))
        var generator = SeededGenerator(state: 11)
        // All of the file's and the first page's headers, then samples, half of them in the heads of pages.
        var positions = Array(0..<110)
        for _ in 0..<150 {
            positions.append(Int.random(in: sound.indices, using: &generator))
            let page = Int.random(in: 0..<(sound.count / 4096), using: &generator)
            positions.append(page * 4096 + Int.random(in: 0..<64, using: &generator))
        }
        for position in positions {
            var damaged = sound
            damaged[position] ^= UInt8.random(in: 1...255, using: &generator)
            let path = folder.path("\(position)")
            for access in [IndexAccess.readOnly, .readWrite] {
                try Data(damaged).write(to: URL(filePath: path))
                try useAll(path, access)
            }
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
    }

    @Test("A file that is cut short anywhere is an error or another answer, never a trap")
    func cutShort() throws {
        let folder = try TemporaryFolder()
        let sound = try soundBytes(folder.path("sound"))
        var generator = SeededGenerator(state: 12)
        let lengths = [1, 16, 99, 100, 512, 4095, 4096, 4097, sound.count - 4096, sound.count - 1]
        for length in lengths + (0..<20).map({ _ in Int.random(in: sound.indices, using: &generator) }) {
            let path = folder.path("cut \(length)")
            try Data(sound[..<length]).write(to: URL(filePath: path))
            try useAll(path, .readWrite)
        }
    }

    private static let damages = [
        "UPDATE exec SET id = x'00' WHERE n = 1",
        "UPDATE exec SET facet = 999",
        "UPDATE OR REPLACE facet SET status = 9",
        "UPDATE OR REPLACE facet SET app = 999",
        "UPDATE exec SET tags = x'0105'",
        "UPDATE exec SET tags = x'80'",
        "UPDATE exec SET seg = -1",
        "UPDATE exec SET off = 1 << 40",
        "UPDATE exec SET cnt = 70000",
        "UPDATE exec SET kinds = x'80'",
        "UPDATE exec SET kinds = x'1fffff7f01'",
        "UPDATE exec SET kinds = x'1f01'",
        "UPDATE exec SET kinds = x'1f01ffffffffffffffffffffffff'",
        "UPDATE exec SET state = 4",
        "UPDATE OR REPLACE facet SET tenant = -1",
        "UPDATE exec SET frames = 99",
        "UPDATE exec SET frames = 9223372036854775807",
        "DELETE FROM dim",
    ]

    @Test("A value that was not written by the index is corruption", arguments: damages)
    func wrongValues(statement: String) throws {
        let folder = try TemporaryFolder()
        _ = try soundBytes(folder.path("index"))
        let database = try SQLiteDatabase(path: folder.path("index"), access: .readWrite)
        try database.run(statement)
        let index = try openIndex(folder.path("index"))
        let error = #expect(throws: IndexError.self) { try index.allSummaries(afterN: nil, limit: 1000) }
        #expect(error?.asksForRebuild == true)
        try useAll(folder.path("index"), .readWrite)
    }
}
