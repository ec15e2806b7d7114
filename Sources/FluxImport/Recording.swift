import FluxFormat

/// One request with its answer, as a format's reader found it.
struct RecordedInteraction {
    /// Without an offset: that is known when all interactions are.
    var exchange: HTTPExchange
    /// Nanoseconds since 1970; `nil` where the format has no time.
    var startedAt: UInt64?
    /// Where it stands.
    let cursor: TreeCursor
}

/// The interactions that become one execution.
struct Recording {
    /// The name of the cassette or page.
    var name: String
    /// What made the recording, with its version; `nil` where the file does not tell.
    var recorder: String?
    /// In file order.
    var interactions: [RecordedInteraction]
}

extension Recording {
    /// Bytes of the longest text that goes into the metadata; longer ones are cut, for they are shown only.
    private static let textByteCountMax = 1024

    /// The execution of these interactions, of which there is at least one.
    func execution(app: String, kind: RecordingKind) throws(ImportError) -> Execution {
        let start = interactions.compactMap(\.startedAt).min()
        var events: [Event] = []
        for (index, interaction) in interactions.enumerated() {
            events.append(try interaction.event(sequence: UInt32(clamping: index), executionStart: start))
        }
        var metadata = ExecutionMetadata(
            app: app.prefixOfUTF8(byteCountMax: Self.textByteCountMax),
            name: name.prefixOfUTF8(byteCountMax: Self.textByteCountMax), source: kind.rawValue, route: route,
            status: .ok)
        metadata.startedAt = start
        metadata.durationNanoseconds = end.flatMap { end in start.map { end - $0 } }
        metadata.sdkVersion = recorder?.prefixOfUTF8(byteCountMax: Self.textByteCountMax)
        return Execution(id: Self.id(app: app, startedAt: start, events: events), metadata: metadata, events: events)
    }

    /// The path that the first request asks for: a recording of outgoing calls has no route of its own.
    private var route: String {
        let path = interactions.first.map { URLParts($0.exchange.request.url).path } ?? ""
        return path.isEmpty ? "/" : path.prefixOfUTF8(byteCountMax: Self.textByteCountMax)
    }

    /// The last end of an interaction that has both start and duration.
    private var end: UInt64? {
        interactions.compactMap { interaction in
            guard let start = interaction.startedAt, let duration = interaction.exchange.durationNanoseconds else {
                return nil
            }
            let (end, isOverflown) = start.addingReportingOverflow(duration)
            return isOverflown ? nil : end
        }.max()
    }

    /// Equal for equal content of the same app, wherever the file lies and whatever it is called.
    private static func id(app: String, startedAt: UInt64?, events: [Event]) -> ExecutionID {
        var content: [UInt8] = []
        content.append(littleEndian: UInt64(app.utf8.count))
        content.append(contentsOf: app.utf8)
        content.append(littleEndian: startedAt ?? .max)
        for event in events {
            // Each payload is hashed alone, so that they need not stand in memory one after the other.
            let hash = XXH3.hash128(event.payload.rawSpan)
            content.append(littleEndian: hash.high)
            content.append(littleEndian: hash.low)
            content.append(littleEndian: event.offsetNanoseconds ?? .max)
        }
        let bits = XXH3.hash128(content.rawSpan)
        guard let startedAt else { return ExecutionID(bits: bits) }
        return ExecutionID(unixMilliseconds: startedAt / 1_000_000, bits: bits)
    }
}

extension RecordedInteraction {
    /// The event, unless it is larger than an event may be: then its execution fails, for nothing is ever cut.
    func event(sequence: UInt32, executionStart: UInt64?) throws(ImportError) -> Event {
        let limit = FormatLimit.eventByteCountMax
        let bodies = (exchange.request.body?.count ?? 0) + (exchange.response?.body?.count ?? 0)
        guard bodies <= limit else { throw cursor.tooLarge("the interaction", byteCount: bodies, limit: limit) }
        var exchange = exchange
        exchange.offsetNanoseconds = startedAt.flatMap { time in executionStart.map { time - $0 } }
        let event = exchange.event(sequence: sequence)
        guard event.payload.count <= limit else {
            throw cursor.tooLarge("the interaction", byteCount: event.payload.count, limit: limit)
        }
        return event
    }
}
