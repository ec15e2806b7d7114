package import FluxFormat
import Synchronization

/// Answers requests from recorded executions, as often and in the order in which they were recorded.
///
/// Any thread may ask. It has no way to make a call of its own.
package final class PlaybackSession: Sendable {
    /// Differences that a miss names.
    private static let differenceCountMax = 8

    private let recording: PlaybackRecording
    private let turns: Mutex<PlaybackTurns>

    /// Reads every HTTP event of the executions once, in the order given, and keeps them in memory.
    ///
    /// Among equal requests that order counts, over all executions.
    package init(over sources: [any RecordingSource], repeats: Repeats = .error) throws(ReplayError) {
        recording = try PlaybackRecording(sources)
        turns = Mutex(PlaybackTurns(count: recording.entries.count, repeats: repeats))
    }

    /// The number of recorded exchanges.
    package var exchangeCount: Int { recording.entries.count }

    /// The recorded answer to a request, which is thereby given, or the miss, which is thereby counted.
    ///
    /// The request's URL is absolute, however it came in. Answers without a status, or with one below 200, which no
    /// server can give as the last word, become an answer 502 that says so.
    package func answer(to request: HTTPRequestRecord) -> PlaybackOutcome {
        let asked = CanonicalRequest(request)
        let keys = RequestKeys(asked)
        let positions = recording.positions(of: keys)
        let turn = turns.withLock { turns in
            let turn = turns.take(keys, at: positions)
            switch turn {
            case .next(let position), .again(let position):
                turns.count(turn, hasAnswer: recording.entries[position].hasAnswer)
            case .miss: break
            }
            return turn
        }
        switch turn {
        case .next(let position), .again(let position):
            return .answer(recording.entries[position].answer(toMethod: asked.method))
        case .miss(let askedCount):
            let miss = miss(asked, url: request.url, positions: positions, askedCount: askedCount)
            turns.withLock { $0.count(miss, keys) }
            return .miss(miss)
        }
    }

    /// What was served, repeated, missed and never asked for until now.
    package var report: PlaybackReport {
        let turns = turns.withLock { $0 }
        return PlaybackReport(
            servedCount: turns.servedCount, repeatedCount: turns.repeatedCount,
            unansweredCount: turns.unansweredCount, missCount: turns.missCount, misses: turns.misses,
            neverAsked: zip(recording.entries, turns.isGiven).filter { !$0.1 }.map(\.0))
    }

    /// The search for the nearest request runs outside of the lock: it may take long.
    private func miss(
        _ asked: CanonicalRequest, url: String, positions: RecordedPositions, askedCount: Int
    ) -> PlaybackMiss {
        let nearest =
            positions.last
            ?? NearestRequest(to: asked).position(in: recording, isGiven: turns.withLock { $0.isGiven })
        let entry = nearest.map { recording.entries[$0] }
        return PlaybackMiss(
            kind: positions.isEmpty ? .notRecorded : .exhausted, method: asked.method, url: url,
            bodyByteCount: asked.bytes.count, recordedCount: positions.count, askedCount: askedCount, nearest: entry,
            differences: entry.map {
                asked.differences(
                    from: CanonicalRequest($0.exchange.request), limit: Self.differenceCountMax)
            } ?? [])
    }
}

/// What a request to a ``PlaybackSession`` leads to.
package enum PlaybackOutcome: Sendable, Equatable {
    /// What to send.
    case answer(PlaybackAnswer)
    /// Nothing was recorded; ``PlaybackMiss/answer(status:)`` says so to the client.
    case miss(PlaybackMiss)
}

extension RecordedExchange {
    /// Statuses that end an exchange.
    private static let finalStatuses: ClosedRange<UInt16> = 200...999

    fileprivate var hasAnswer: Bool { exchange.response.map { Self.finalStatuses.contains($0.status) } ?? false }

    fileprivate func answer(toMethod method: String) -> PlaybackAnswer {
        guard let response = exchange.response, hasAnswer else { return unanswered(toMethod: method) }
        return PlaybackAnswer(response, toMethod: method)
    }

    private func unanswered(toMethod method: String) -> PlaybackAnswer {
        let status = exchange.response.map { "status \($0.status)" } ?? "no answer"
        return PlaybackAnswer(
            status: 502,
            json: .members([
                "error": .text("unanswered"),
                "message": .text("the request was recorded, but with \(status), which cannot be played back"),
                "execution": .text(executionID.description), "event": .number("\(index)"),
            ]), toMethod: method)
    }
}
