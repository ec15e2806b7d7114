import FluxFormat

/// The two keys of a request. Either makes it equal to another: the same canonical form, or the same bytes.
struct RequestKeys: Hashable, Sendable {
    let canonical: RequestKey
    let exact: RequestKey

    init(_ request: CanonicalRequest) {
        canonical = request.key
        exact = request.exactKey
    }
}

/// The exchanges of all executions of a playback, found by their requests. It never changes.
struct PlaybackRecording: Sendable {
    /// Bytes of bodies and URLs that a playback keeps in memory.
    static let byteCountMax = 2 << 30

    /// In recorded order: execution after execution as they were given.
    let entries: [RecordedExchange]
    /// Positions in `entries` by either key of their request, each in recorded order.
    private let positions: [RequestKey: [Int]]

    init(_ sources: [any RecordingSource]) throws(ReplayError) {
        var entries: [RecordedExchange] = []
        var byteCount = 0
        for source in sources {
            let exchanges = try ExchangeReader.exchanges(of: source)
            byteCount += exchanges.reduce(0) { $0 + $1.exchange.bodyByteCount }
            guard byteCount <= Self.byteCountMax else { throw .tooLarge(byteCountMax: Self.byteCountMax) }
            entries += exchanges
        }
        var positions: [RequestKey: [Int]] = [:]
        for (position, entry) in entries.enumerated() {
            let keys = RequestKeys(CanonicalRequest(entry.exchange.request))
            for key in Set([keys.canonical, keys.exact]) { positions[key, default: []].append(position) }
        }
        self.entries = entries
        self.positions = positions
    }

    /// Positions of the requests equal to this one, in recorded order.
    ///
    /// Equal are requests with the same canonical form, and requests with the same bytes that only their content types
    /// tell apart.
    func positions(of keys: RequestKeys) -> [Int] {
        let (canonical, exact) = (positions[keys.canonical] ?? [], positions[keys.exact] ?? [])
        guard canonical != exact else { return canonical }
        return Set(canonical).union(exact).sorted()
    }
}

extension HTTPExchange {
    fileprivate var bodyByteCount: Int {
        request.url.utf8.count + (request.body?.count ?? 0) + (response?.body?.count ?? 0)
    }
}
