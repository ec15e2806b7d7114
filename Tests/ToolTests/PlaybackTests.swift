import Foundation
import TestSupport
import Testing

@Suite("Playback")
struct PlaybackTests {
    private let store: ImportedStore

    init() throws {
        store = try ImportedStore()
    }

    @Test(
        "A client outside of this package gets a whole conversation as it was recorded, byte for byte",
        arguments: [
            ("github-api client/getUser", false, 1), ("node-fetch/should work", false, 1),
            ("should respect request order", false, 5), ("should respect request order", true, 5),
            ("test_background_mode_vcr", false, 3), ("deletes_an_existing_gist", false, 4),
            ("should be able to download binary content", false, 1),
            ("should be able to download binary content", true, 1),
            ("test_download_item_application_octet_stream", false, 1),
        ])
    func conversation(name: String, isProxied: Bool, count: Int) throws {
        let id = try store.id(name)
        let file = "\(store.folder.path)/conversation.jsonl"
        try Data(try store.succeed("cat", id, "--json").output).write(to: URL(filePath: file))
        let server = try PlaybackServerRun(store, id)
        let client = try python([Fixtures.client, server.baseURL, file] + (isProxied ? ["--proxy"] : []))
        #expect(client.exitCode == 0 && client.lines.last == "\(count) same, 0 different, 0 skipped", "\(client)")
        let run = try server.stop()
        #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(run.lines.last == "served \(count), repeated 0, unanswered 0, missed 0, never asked for 0")
    }

    @Test(
        "What was never recorded is a miss that names the nearest request, and the exit code is 2",
        arguments: [
            ([], 404), (["--on-miss", "502"], 502),
        ])
    func miss(options: [String], status: Int) throws {
        let id = try store.id("rate_limit")
        let process = try PlaybackServerRun(store, arguments: [id] + options)
        let answer = try process.ask("GET /https/api.github.com/rate_limits")
        #expect(answer.status == status)
        let members = try answer.json()
        #expect(members["error"] as? String == "not recorded")
        let nearest = try #require(members["nearest"] as? [String: Any])
        #expect(nearest["url"] as? String == "https://api.github.com/rate_limit")
        #expect(nearest["execution"] as? String == id)
        let differences = try #require(members["difference"] as? [[String: Any]])
        #expect(differences.contains { "\($0["asked"] ?? "")".contains("rate_limits") }, "\(differences)")
        let run = try process.stop()
        #expect(run.exitCode == 2)
        #expect(run.text.contains("served 0, repeated 0, unanswered 0, missed 1, never asked for 1\nmissed:\n"))
        #expect(run.text.contains("GET https://api.github.com/rate_limits"))
        #expect(run.errors.hasPrefix("missed GET https://api.github.com/rate_limits\n"))
    }

    @Test(
        "Once all answers were given, a request gets a miss, the last or the first one",
        arguments: [
            ("error", 502, 2), ("last", 404, 0), ("first", 204, 0),
        ])
    func repeats(repeats: String, status: Int, exitCode: Int32) throws {
        let id = try store.id("deletes_an_existing_gist")
        let server = try PlaybackServerRun(store, id, "--repeats", repeats, "--on-miss", "502")
        let line = "DELETE /https/api.github.com/gists/8410651"
        let answers = try (0..<3).map { _ in try server.ask(line, body: "{}") }
        #expect(answers.map(\.status) == [204, 404, status])
        if repeats == "error" { #expect(try answers[2].json()["error"] as? String == "exhausted") }
        if repeats == "last" { #expect(answers[2].body == answers[1].body && !answers[2].body.isEmpty) }
        let run = try server.stop()
        #expect(run.exitCode == exitCode && run.text.contains("served 2, repeated \(exitCode == 0 ? 1 : 0)"))
    }

    @Test("Answers to HEAD and answers 204 have no body")
    func bodiless() throws {
        let head = try store.id("handles_query_params")
        let empty = try store.id("should properly handle 204 status code response")
        let server = try PlaybackServerRun(store, head, empty)
        let first = try server.ask("HEAD /https/api.github.com/?foo=bar")
        #expect(first.status == 200 && first.body.isEmpty && first.headers["content-type"] != nil)
        let second = try server.ask("GET http://localhost:4000/echo?status=204")
        #expect(second.status == 204 && second.body.isEmpty)
        #expect(second.headers["content-length"] == nil && second.headers["transfer-encoding"] == nil)
        #expect(try server.stop(SIGTERM).exitCode == 0)
    }
}
