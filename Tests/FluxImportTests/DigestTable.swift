import FluxFormat
import Foundation
import TestSupport

@testable import FluxImport

/// One line of a table that `Tests/Python/recording_digests.py` made: an interaction as an independent reader sees it.
struct InteractionDigest: Hashable {
    let method: String
    let url: String
    let status: UInt16
    let requestHeaderCount: Int
    let responseHeaderCount: Int
    let requestBody: BodyDigest
    let responseBody: BodyDigest

    /// The digest of an interaction that was imported.
    init(_ exchange: HTTPExchange) {
        method = exchange.request.method
        url = exchange.request.url
        status = exchange.response?.status ?? 0
        requestHeaderCount = exchange.request.headers.count
        responseHeaderCount = exchange.response?.headers.count ?? 0
        requestBody = BodyDigest(exchange.request.body ?? [])
        responseBody = BodyDigest(exchange.response?.body ?? [])
    }

    /// Reads a line's fields; `nil` where they are not what they should be.
    init?(fields: [String], kind: String) {
        guard fields.count == 12, let requestHeaderCount = Int(fields[6]), let responseHeaderCount = Int(fields[7])
        else { return nil }
        // The table has methods as they are spelled. In the cassettes of VCR that may be `get` or `:get`.
        method = ["har", "polly"].contains(kind) ? fields[3] : fields[3].uppercased()
        url = fields[4].replacing("\\t", with: "\t").replacing("\\n", with: "\n").replacing("\\r", with: "\r")
        // No status, and the negative ones of old browsers, are the 0 of a browser that got no answer.
        status = UInt16(fields[5]) ?? 0
        self.requestHeaderCount = requestHeaderCount
        self.responseHeaderCount = responseHeaderCount
        requestBody = BodyDigest(sha256: fields[8], byteCount: fields[9])
        responseBody = BodyDigest(sha256: fields[10], byteCount: fields[11])
    }
}

/// What a body is known by.
struct BodyDigest: Hashable {
    let sha256: String
    let byteCount: String

    init(sha256: String, byteCount: String) {
        self.sha256 = sha256
        self.byteCount = byteCount
    }

    init(_ body: [UInt8]) {
        self.init(sha256: SHA256.hexDigest(of: body), byteCount: String(body.count))
    }
}

/// A folder of recordings with the table of what is in them.
struct DigestTable {
    /// What the table tells of one file.
    struct Entry {
        let kind: String
        var interactions: [InteractionDigest]
    }

    /// By path, relative to the folder.
    private(set) var entries: [String: Entry] = [:]

    init(path: String) throws {
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst(2) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard let digest = InteractionDigest(fields: fields, kind: fields[0]) else {
                throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: path])
            }
            entries[fields[1], default: Entry(kind: fields[0], interactions: [])].interactions.append(digest)
        }
    }
}
