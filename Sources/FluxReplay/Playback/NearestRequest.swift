import FluxFormat

/// Finds the recorded request that a missed one was most likely meant to be.
struct NearestRequest {
    /// Body bytes that are compared, from each end.
    private static let comparedByteCountMax = 64 << 10

    private let asked: CanonicalRequest
    private let askedPairs: Set<FormPairs.Pair>

    init(to asked: CanonicalRequest) {
        self.asked = asked
        askedPairs = Set(asked.url.query.pairs)
    }

    /// The position of the nearest request; `nil` where there are none. The earlier one wins among equals, and one that
    /// was not given yet before one that was. O(entries).
    func position(in recording: PlaybackRecording, isGiven: [Bool]) -> Int? {
        var best: (position: Int, score: Score)?
        for (position, entry) in recording.entries.enumerated() {
            let score = score(
                of: entry.exchange.request, at: recording.urls[position], isGiven: isGiven[position])
            if best.map({ $0.score < score }) ?? true { best = (position, score) }
        }
        return best?.position
    }

    /// What two requests share, the weightier first.
    private struct Score: Comparable {
        let target: Int
        let path: Int
        let query: Int
        let body: Int
        let isOpen: Int

        static func < (first: Score, second: Score) -> Bool {
            (first.target, first.path, first.query, first.body, first.isOpen)
                < (second.target, second.path, second.query, second.body, second.isOpen)
        }
    }

    private func score(of request: HTTPRequestRecord, at url: CanonicalURL, isGiven: Bool) -> Score {
        let hasPath = url.path == asked.url.path
        let hasHost = url.host == asked.url.host && url.scheme == asked.url.scheme
        let hasMethod = request.method.uppercased() == asked.method
        let pairs = Set(url.query.pairs)
        let sharedPairCount = pairs.intersection(askedPairs).count
        return Score(
            target: (hasPath ? 4 : 0) + (hasHost ? 2 : 0) + (hasMethod ? 1 : 0),
            path: hasPath ? 0 : Self.sharedSegmentCount(url.path, asked.url.path),
            // The pairs that both have, less those that only one has.
            query: 3 * sharedPairCount - pairs.count - askedPairs.count,
            body: hasPath && hasMethod ? Self.sharedByteCount(request.body ?? [], asked.bytes) : 0,
            isOpen: isGiven ? 0 : 1)
    }

    private static func sharedSegmentCount(_ first: String, _ second: String) -> Int {
        let (first, second) = (first.split(separator: "/"), second.split(separator: "/"))
        return zip(first, second).prefix { $0 == $1 }.count
            + zip(first.reversed(), second.reversed()).prefix { $0 == $1 }.count
    }

    /// Bytes at either end that both have, less those by which their lengths differ.
    private static func sharedByteCount(_ first: [UInt8], _ second: [UInt8]) -> Int {
        func count(_ pairs: some Sequence<(UInt8, UInt8)>) -> Int {
            var count = 0
            for (first, second) in pairs {
                guard first == second, count < comparedByteCountMax else { break }
                count += 1
            }
            return count
        }
        return count(zip(first, second)) + count(zip(first.reversed(), second.reversed()))
            - abs(first.count - second.count)
    }
}
