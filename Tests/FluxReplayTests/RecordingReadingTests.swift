import FluxFormat
import Testing

@testable import FluxReplay

@Suite("Reading recordings")
struct RecordingReadingTests {
    private let whole = exchange(request("http://h/"), String(repeating: "0123456789", count: 50))

    /// The exchange's event in pieces that end at these bytes, as the records of a recording.
    private func pieces(_ ends: [Int], index: UInt32 = 0) -> [MemoryRecording.Record] {
        let event = whole.event(sequence: 0)
        let bounds = [0] + ends + [event.payload.count]
        return zip(bounds, bounds.dropFirst()).map { start, end in
            MemoryRecording.Record(
                event: event, index: index, payload: start..<end, hasMorePieces: end < event.payload.count)
        }
    }

    private func session(_ records: [MemoryRecording.Record]) throws -> PlaybackSession {
        var recording = MemoryRecording([])
        recording.records = records
        return try PlaybackSession(over: [recording])
    }

    /// What reading the records fails with.
    private func failure(_ records: [MemoryRecording.Record]) -> ReplayError? {
        do {
            _ = try session(records)
            return nil
        } catch {
            return error as? ReplayError
        }
    }

    @Test("An event in pieces is joined, wherever it was cut")
    func joined() throws {
        for end in 1..<whole.event(sequence: 0).payload.count {
            let session = try session(pieces([end]))
            #expect(session.exchangeCount == 1)
            #expect(session.text(whole.request)?.count == 500)
        }
        #expect(try session(pieces([1, 8, 9, 100])).text(whole.request)?.count == 500)
    }

    @Test("Pieces that do not follow each other are refused")
    func brokenPieces() throws {
        let three = pieces([100, 200])
        var other = pieces([100], index: 1)
        other.removeFirst()
        let broken = [
            [three[0]], [three[1], three[2]], [three[2]], [three[0], three[2]],
            [three[0], three[0], three[1], three[2]],
            [three[1], three[0], three[2]], [pieces([100])[0]] + other,
        ]
        for records in broken {
            guard case .brokenPieces(let id, _) = failure(records) else {
                Issue.record("read without a failure")
                continue
            }
            #expect(id == ExecutionID(high: 1, low: 0))
        }
    }

    @Test("A sealed event is refused, and so is one with a sealed part")
    func sealed() throws {
        var event = whole.event(sequence: 0)
        event.flags = .isSealed
        let part = PayloadPart(role: .responseBody, encoding: .raw, flags: .isSealed, bytes: [1])
        let partly = Event(kind: .http, encoding: .parts, sequence: 1, payload: PayloadPart.payload(of: [part]))
        for sealed in [event, partly] {
            let records = MemoryRecording(events: [whole.event(sequence: 0), sealed]).records
            let error = try #require(failure(records))
            guard case .sealedEvent(_, index: 1) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(error.description.hasSuffix("is sealed; playback needs recordings in clear"))
        }
    }

    @Test("A payload that is cut short is refused with the event's number, or read without the cut part's padding")
    func damaged() throws {
        let event = whole.event(sequence: 0)
        for count in 0..<event.payload.count {
            var cut = event
            cut.payload.removeLast(event.payload.count - count)
            let error = failure(MemoryRecording(events: [event, cut]).records)
            // Only the padding of the last part can be missing.
            if error == nil { #expect(event.payload[count...].allSatisfy { $0 == 0 }) }
            guard let error else { continue }
            guard case .damagedEvent(_, index: 1, _) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(error.description.hasPrefix("event 1 of execution 00000000-0000-0001-0000-000000000000 is damaged"))
        }
    }

    @Test("A payload with any byte changed is read or refused, without a trap")
    func flipped() throws {
        var event = exchange(request("http://h/"), "text").event(sequence: 0)
        for index in event.payload.indices {
            for bit in 0..<8 {
                event.payload[index] ^= 1 << bit
                _ = failure(MemoryRecording(events: [event]).records)
                event.payload[index] ^= 1 << bit
            }
        }
    }

    @Test("A source that cannot be read is named with its reason")
    func unreadable() {
        var recording = MemoryRecording([whole])
        recording.failsAtEnd = true
        #expect {
            try PlaybackSession(over: [recording])
        } throws: { error in
            guard case ReplayError.unreadable(let id, let cause) = error else { return false }
            return id == recording.id && cause is MemoryRecording.Failure
        }
    }

    @Test("Events of other kinds are passed over")
    func otherKinds() throws {
        let events = [
            Event(kind: .clock, sequence: 0, payload: [1]), whole.event(sequence: 1),
            Event(kind: .firstCustom, flags: .isSealed, sequence: 2, payload: [2]),
        ]
        let session = try PlaybackSession(over: [MemoryRecording(events: events)])
        #expect(session.exchangeCount == 1)
        #expect(session.report.neverAsked.map(\.index) == [1])
    }
}
