import Foundation
import TestSupport
import Testing

/// A line of `cat --json`.
struct PrintedEvent: Decodable {
    struct Request: Decodable {
        let method: String
        let url: String
        let headers: [[String]]
        let body: [String: String]?
    }
    struct Response: Decodable {
        let status: Int
        let headers: [[String]]
        let body: [String: String]?
    }
    let index: Int
    let kind: String
    let request: Request
    let response: Response?

    /// The bytes of a body as it is printed.
    static func bytes(_ body: [String: String]?) throws -> [UInt8] {
        guard let body else { return [] }
        try #require(body.count == 1)
        if let text = body["text"] { return Array(text.utf8) }
        return Array(try #require(body["base64"].flatMap { Data(base64Encoded: $0) }))
    }
}

@Suite("Cat")
struct CatTests {
    private let store: ImportedStore

    init() throws {
        store = try ImportedStore()
    }

    /// What an independent reader found: URL, status, and digest and length of both bodies, tab-separated.
    private func recordedInteractions() throws -> Set<String> {
        let rows = try String(contentsOfFile: Fixtures.digests, encoding: .utf8).split(separator: "\n").dropFirst(2)
        return Set(
            rows.map { row in
                var fields = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                fields[4] = fields[4].replacing("\\t", with: "\t").replacing("\\n", with: "\n")
                    .replacing("\\r", with: "\r")
                // No answer, and the status of an old browser that got none.
                fields[5] = "\(UInt16(fields[5]) ?? 0)"
                return ([fields[4], fields[5]] + fields[8...11]).joined(separator: "\t")
            })
    }

    @Test("The bodies of all recordings are those that an independent reader finds")
    func digests() throws {
        var found: Set<String> = []
        for execution in try store.executions() {
            let events = try store.succeed("cat", execution.id, "--json").values(PrintedEvent.self)
            #expect(events.map(\.index) == Array(0..<execution.events))
            for event in events {
                var fields = [event.request.url, "\(event.response?.status ?? 0)"]
                for body in [event.request.body, event.response?.body] {
                    let bytes = try PrintedEvent.bytes(body)
                    fields += [SHA256.hexDigest(of: bytes), "\(bytes.count)"]
                }
                found.insert(fields.joined(separator: "\t"))
            }
        }
        let recorded = try recordedInteractions()
        #expect(recorded.count > 80)
        #expect(recorded.subtracting(found).isEmpty && found.subtracting(recorded).isEmpty)
    }

    @Test("JSON has the documented members, and bodies as text, as base64, or null")
    func json() throws {
        let binary = try store.succeed("cat", store.id("should be able to download binary content"), "--json")
        #expect(
            binary.lines.map(memberNames) == [
                ["index", "kind", "name", "offsetNanoseconds", "request", "response"]
            ])
        let event = try #require(try binary.values(PrintedEvent.self).first)
        #expect(event.kind == "http" && event.request.method == "GET" && event.request.body == nil)
        #expect(try PrintedEvent.bytes(event.response?.body).starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(event.response?.body?.keys.first == "base64")
        #expect(event.request.headers.allSatisfy { $0.count == 2 } && !event.request.headers.isEmpty)
        let text = try store.succeed("cat", store.id("should respect request order"), "--json")
        let bodies = try text.values(PrintedEvent.self).map { $0.response?.body }
        #expect(bodies == [nil, ["text": #"{"foo":"bar"}"#], ["text": #"{"foo":"bar"}"#], nil, nil])
    }

    @Test("A person reads heads and text as they were sent, and the size of what is no text")
    func person() throws {
        let text = try store.succeed("cat", store.id("should respect request order")).text
        #expect(text.contains("POST http://localhost:4000/api/db/") && text.contains(#"{"foo":"bar"}"#))
        let binary = try store.succeed("cat", store.id("should be able to download binary content")).text
        #expect(binary.contains("GET http://via.placeholder.com/150/92c952"))
        #expect(binary.contains("that are no text; --json has them in base64)") && !binary.contains("PNG\r"))
    }
}
