import FluxFormat
import FluxIndex
import FluxLog
import Testing

@testable import FluxStore

@Suite("Published log")
struct PublishedLogTests {
    private let published = PublishedLog(
        end: LogEvidence(end: Position(segment: 1, offset: 5000), nextFrameSequence: 10), options: IndexOptions())

    @Test("Until the index has caught up, nothing counts as indexed; an index that is lost starts from nothing")
    func lostIndex() {
        #expect(published.isCatchingUp && published.indexedSequence == 0)
        published.noteCaughtUp(through: 10, greatestID: .none)
        #expect(!published.isCatchingUp && published.indexedSequence == 10)
        published.noteIndexLost()
        #expect(published.isRebuilding && published.indexedSequence == 0 && !published.isCatchingUp)
        published.noteCaughtUp(through: 10, greatestID: .none)
        #expect(!published.isRebuilding && published.indexedSequence == 10)
    }

    @Test("Groups stay visible until the index holds them, and whole groups make a transaction")
    func groups() throws {
        var options = IndexOptions()
        options.batchFrameCount = 3
        let published = PublishedLog(end: .none, options: options)
        let id = ExecutionID(high: 1, low: 2)
        for sequence in 1...3 as ClosedRange<UInt64> {
            let frames = [frame(id, sequence * 2 - 1), frame(id, sequence * 2)]
            published.publish(
                frames,
                end: LogEvidence(
                    end: Position(segment: 1, offset: 5000 + Int(sequence) * 200), nextFrameSequence: sequence * 2 + 1))
        }
        #expect(published.frames(of: id).map(\.header.frameSequence) == [1, 2, 3, 4, 5, 6])
        let groups = published.groups()
        #expect(groups.map(\.frames.count) == [2])
        published.noteIndexed(groups)
        #expect(published.frames(of: id).map(\.header.frameSequence) == [3, 4, 5, 6])
        #expect(published.indexedSequence == 3 && published.lagFrameCount == 4)
    }

    private func frame(_ id: ExecutionID, _ sequence: UInt64) -> IndexedFrame {
        var header = FrameHeader(
            kind: .events, codec: 0, storedByteCount: 0, rawByteCount: 0, executionID: id, firstEvent: 0, eventCount: 0,
            payloadHash: 0)
        header.frameSequence = sequence
        return IndexedFrame(
            header: header, position: Position(segment: 1, offset: 5000 + Int(sequence) * 100), generation: 0)
    }
}
