import FluxFormat

@testable import FluxReplay

/// An execution in memory, read through real frames.
struct MemoryRecording: RecordingSource {
    /// One record: an event, or a piece of one.
    struct Record {
        var event: Event
        var index: UInt32
        var payload: Range<Int>
        var hasMorePieces = false
    }

    /// What a source that cannot be read throws.
    struct Failure: Error {}

    var id: ExecutionID
    var records: [Record]
    var failsAtEnd = false

    init(id: UInt64 = 1, _ exchanges: [HTTPExchange]) {
        self.init(id: id, events: exchanges.enumerated().map { $1.event(sequence: UInt32($0)) })
    }

    init(id: UInt64 = 1, events: [Event]) {
        self.id = ExecutionID(high: id, low: 0)
        records = events.enumerated().map {
            Record(event: $1, index: UInt32($0), payload: 0..<$1.payload.count)
        }
    }

    func forEachEvent(_ body: (borrowing EventView) throws -> Void) throws {
        for record in records {
            var builder = FrameBuilder(wallBase: 0, payloadOffset: record.payload.lowerBound)
            builder.append(record.event, payload: record.payload, hasMorePieces: record.hasMorePieces)
            let (prologue, heads, bodies) = builder.finish()
            let header = FrameHeader(
                kind: .events, codec: 0, storedByteCount: 0, rawByteCount: 0, executionID: id,
                firstEvent: record.index, eventCount: record.hasMorePieces ? 0 : 1, payloadHash: 0)
            let contents = try FrameContents(
                proving: heads.rawSpan, bodies: bodies.rawSpan, prologue: prologue, header: header)
            try body(contents.record(at: 0))
        }
        if failsAtEnd { throw Failure() }
    }
}

/// A request with a body in UTF-8 and a content type.
func request(
    _ method: String, _ url: String, type: String? = nil, body: String? = nil
) -> HTTPRequestRecord {
    HTTPRequestRecord(
        method: method, url: url, headers: type.map { [HTTPHeader("Content-Type", $0)] } ?? [],
        body: body.map { Array($0.utf8) })
}

/// A GET.
func request(_ url: String) -> HTTPRequestRecord { request("GET", url) }

/// An exchange that was answered 200 with a text.
func exchange(_ request: HTTPRequestRecord, _ text: String) -> HTTPExchange {
    HTTPExchange(request: request, response: HTTPResponseRecord(status: 200, body: Array(text.utf8)))
}

extension PlaybackSession {
    convenience init(_ exchanges: [HTTPExchange], repeats: Repeats = .error) throws {
        try self.init(over: [MemoryRecording(exchanges)], repeats: repeats)
    }

    /// The body of the answer to a request as text; `nil` for a miss.
    func text(_ request: HTTPRequestRecord) -> String? {
        guard case .answer(let answer) = answer(to: request) else { return nil }
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// The miss that a request is; `nil` where it has an answer.
    func miss(_ request: HTTPRequestRecord) -> PlaybackMiss? {
        guard case .miss(let miss) = answer(to: request) else { return nil }
        return miss
    }
}

/// The answer that is played back for a recorded one.
func played(_ response: HTTPResponseRecord?, method: String = "GET") throws -> PlaybackAnswer? {
    let asked = request(method, "http://h/")
    let session = try PlaybackSession([HTTPExchange(request: asked, response: response)])
    guard case .answer(let answer) = session.answer(to: asked) else { return nil }
    return answer
}

extension PlaybackAnswer {
    /// The values of a header.
    func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name }.map(\.value)
    }
}
