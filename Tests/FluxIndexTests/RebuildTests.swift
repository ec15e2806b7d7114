import FluxFormat
import Foundation
import Testing

@testable import FluxIndex

@Suite("Rebuild")
struct RebuildTests {
    private let log = randomExecutions(120, seed: 1)

    private func rows(applying batches: [ArraySlice<IndexedFrame>]) throws -> [IndexedExecution] {
        let index = try openIndex()
        for batch in batches {
            guard let last = batch.last else { continue }
            let end = AppliedPosition(
                position: last.position, nextFrameSequence: last.header.frameSequence + 1)
            try index.apply(Array(batch), through: end)
        }
        #expect(try index.problems(limit: 10) == [])
        return try allRows(index)
    }

    @Test("Frames applied one by one, in parts, and again give the rows of frames applied at once")
    func sameRows() throws {
        let frames = log.frames
        let atOnce = try rows(applying: [frames[...]])
        #expect(atOnce.count == 120)
        #expect(try rows(applying: frames.indices.map { frames[$0...$0] }) == atOnce)
        #expect(try rows(applying: [frames[...], frames[...]]) == atOnce)
        #expect(try rows(applying: [frames[..<50], frames[20..<90], frames[90...], frames[3..<4]]) == atOnce)
    }

    @Test("A part of the log that is applied already does not take back how much is applied")
    func appliedOnlyGrows() throws {
        let index = try openIndex()
        #expect(try index.applied == .zero)
        try index.apply(log.frames, through: log.applied)
        #expect(try index.applied == log.applied)
        try index.apply([log.frames[0]], through: AppliedPosition(position: .zero, nextFrameSequence: 2))
        #expect(try index.applied == log.applied)
        let behind = AppliedPosition(
            position: Position(segment: 2, offset: 4096), nextFrameSequence: log.applied.nextFrameSequence + 9
        )
        try index.apply([], through: behind)
        #expect(try index.applied == behind)
    }

    @Test("Frames that do not ascend are an error that changes nothing")
    func outOfOrder() throws {
        let index = try openIndex()
        let frames = [log.frames[0], log.frames[2], log.frames[1]]
        let reason = "frame \(log.frames[1].header.frameSequence) is out of order"
        #expect(throws: IndexError.failed(path: index.database.path, reason: reason)) {
            try index.apply(frames, through: log.applied)
        }
        #expect(throws: IndexError.self) {
            try index.apply([log.frames[5]], through: AppliedPosition(position: .zero, nextFrameSequence: 3))
        }
        #expect(try allRows(index).isEmpty)
        try index.apply(log.frames, through: log.applied)
        #expect(try allRows(index).count == 120)
    }

    @Test("A reader in another connection sees what is committed, and how far that is")
    func reader() throws {
        let folder = try TemporaryFolder()
        let writer = try openIndex(folder.path("index"))
        let reader = try openIndex(folder.path("index"), access: .readOnly)
        try writer.apply(log.frames, through: log.applied)
        #expect(try reader.applied == log.applied)
        #expect(try allRows(reader) == allRows(writer))
        #expect(try writer.checkpoint())
        try writer.close()
        try reader.close()
        #expect(try allRows(reader) == allRows(writer))
    }

    @Test("An index that is opened again goes on where it was")
    func reopened() throws {
        let folder = try TemporaryFolder()
        let half = log.frames[..<100]
        let end = AppliedPosition(
            position: half[99].position, nextFrameSequence: half[99].header.frameSequence + 1)
        try openIndex(folder.path("index")).apply(Array(half), through: end)
        let again = try openIndex(folder.path("index"))
        #expect(try again.applied == end)
        try again.apply(Array(log.frames[100...]), through: log.applied)
        #expect(try allRows(again) == rows(applying: [log.frames[...]]))
        #expect(try again.byteCount() > 4096)
    }

    @Test("A write-ahead log that is left behind by a deleted index is not taken for the next one's")
    func deletedFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("index")
        try openIndex(path).apply(log.frames, through: log.applied)
        try FileManager.default.removeItem(atPath: path)
        let anew = try openIndex(path)
        #expect(try anew.applied == .zero)
        try anew.apply(log.frames, through: log.applied)
        #expect(try allRows(anew) == rows(applying: [log.frames[...]]))
    }

    @Test("The execution's first frame that is met makes the row, whatever its flags")
    func withoutFirstFrame() throws {
        let index = try openIndex()
        var source = FrameSource()
        let id = ExecutionID(high: 1, low: 2)
        let first = source.frame(of: id, firstEvent: 40, eventCount: 3)
        try index.apply([first], through: source.applied)
        var summary = try #require(try index.summary(of: id))
        #expect(summary.metadata == ExecutionMetadata(app: "", name: "", source: "", status: .running))
        #expect(summary.nextEvent == 43)
        let metadata = ExecutionMetadata(app: "shop", name: "order", source: "flux", status: .ok)
        let last = source.frame(of: id, .executionLast, firstEvent: 43, eventCount: 0, metadata: metadata)
        try index.apply([last], through: source.applied)
        summary = try #require(try index.summary(of: id))
        #expect(summary.metadata == metadata)
        #expect(summary.nextEvent == 43)
        #expect(summary.firstFrameSequence == first.header.frameSequence)
        #expect(try index.progress(of: id)?.isFinished == true)
    }
}
