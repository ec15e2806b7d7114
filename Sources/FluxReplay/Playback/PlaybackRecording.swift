import FluxFormat

/// The two keys of a request. Either makes it equal to another: the same canonical form, or the same bytes.
struct RequestKeys {
    let canonical: RequestKey
    let exact: RequestKey

    init(_ request: CanonicalRequest) {
        canonical = request.key
        exact = request.exactKey
    }
}

/// Where requests equal to one stand in a recording: two lists that do not change, each in recorded order. The same
/// position may stand in both.
struct RecordedPositions {
    let canonical: [Int]
    let exact: [Int]

    var isEmpty: Bool { canonical.isEmpty && exact.isEmpty }
    var first: Int? { [canonical.first, exact.first].compactMap(\.self).min() }
    var last: Int? { [canonical.last, exact.last].compactMap(\.self).max() }
    /// The number of different positions. O(positions).
    var count: Int { canonical == exact ? canonical.count : Set(canonical).union(exact).count }
}

/// The exchanges of all executions of a playback, found by their requests. It never changes.
struct PlaybackRecording: Sendable {
    /// Bytes of bodies and URLs that a playback keeps in memory.
    static let byteCountMax = 2 << 30

    /// In recorded order: execution after execution as they were given.
    let entries: [RecordedExchange]
    /// The URL of each entry, kept because each miss is compared with all of them.
    let urls: [CanonicalURL]
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
        var urls: [CanonicalURL] = []
        var positions: [RequestKey: [Int]] = [:]
        for (position, entry) in entries.enumerated() {
            let request = CanonicalRequest(entry.exchange.request)
            urls.append(request.url)
            let keys = RequestKeys(request)
            for key in Set([keys.canonical, keys.exact]) { positions[key, default: []].append(position) }
        }
        self.entries = entries
        self.urls = urls
        self.positions = positions
    }

    /// Positions of the requests equal to this one.
    ///
    /// Equal are requests with the same canonical form, and requests with the same bytes that only their content types
    /// tell apart.
    func positions(of keys: RequestKeys) -> RecordedPositions {
        RecordedPositions(canonical: positions[keys.canonical] ?? [], exact: positions[keys.exact] ?? [])
    }
}

extension HTTPExchange {
    fileprivate var bodyByteCount: Int {
        request.url.utf8.count + (request.body?.count ?? 0) + (response?.body?.count ?? 0)
    }
}
