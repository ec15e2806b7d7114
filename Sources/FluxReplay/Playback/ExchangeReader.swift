package import FluxFormat

/// One recorded exchange and where it was recorded.
package struct RecordedExchange: Sendable, Equatable {
    /// The execution that holds it.
    package let executionID: ExecutionID
    /// The number of its event there.
    package let index: UInt64
    /// What was asked and answered.
    package let exchange: HTTPExchange

    /// Method and URL as recorded, and where that was.
    package var title: String {
        "\(exchange.request.method.uppercased()) \(exchange.request.url) (event \(index) of \(executionID))"
    }
}

/// Reads the HTTP exchanges of an execution and joins those that are stored in pieces.
struct ExchangeReader {
    private var exchanges: [RecordedExchange] = []
    /// The pieces so far of an event that more pieces follow, and its number.
    private var pending: (index: UInt64, payload: [UInt8])?

    /// All HTTP exchanges of an execution in the order of its events; other kinds are passed over.
    static func exchanges(of source: any RecordingSource) throws(ReplayError) -> [RecordedExchange] {
        var reader = ExchangeReader()
        do {
            try source.forEachEvent { event in try reader.read(event) }
        } catch let error as ReplayError {
            throw error
        } catch {
            throw .unreadable(source.id, cause: error)
        }
        if let pending = reader.pending { throw .brokenPieces(source.id, index: pending.index) }
        return reader.exchanges
    }

    private mutating func read(_ event: borrowing EventView) throws(ReplayError) {
        guard event.kind == .http else { return }
        guard !event.flags.contains(.isSealed) else {
            throw .sealedEvent(event.executionID, index: event.index)
        }
        let hasMore = event.flags.contains(.hasMorePieces)
        guard hasMore || pending != nil else {
            guard event.payloadOffset == 0 else { throw .brokenPieces(event.executionID, index: event.index) }
            return try append(event.payload, of: event)
        }
        var (index, payload) = pending ?? (event.index, [])
        pending = nil
        guard index == event.index, event.payloadOffset == payload.count,
            payload.count + event.payload.byteCount <= FormatLimit.eventByteCountMax
        else { throw .brokenPieces(event.executionID, index: event.index) }
        payload += event.payload.array
        if hasMore { pending = (index, payload) } else { try append(payload.rawSpan, of: event) }
    }

    private mutating func append(_ payload: RawSpan, of event: borrowing EventView) throws(ReplayError) {
        let exchange: HTTPExchange?
        do {
            exchange =
                try Self.hasSealedPart(payload)
                ? nil : HTTPExchange(payload: payload, offsetNanoseconds: event.offsetNanoseconds)
        } catch {
            throw .damagedEvent(event.executionID, index: event.index, cause: error)
        }
        guard let exchange else { throw .sealedEvent(event.executionID, index: event.index) }
        exchanges.append(
            RecordedExchange(executionID: event.executionID, index: event.index, exchange: exchange))
    }

    /// Each part can be sealed alone.
    private static func hasSealedPart(_ payload: RawSpan) throws(FormatError) -> Bool {
        var parts = try PayloadPartReader(payload)
        while let part = try parts.next() {
            if part.flags.contains(.isSealed) { return true }
        }
        return false
    }
}
