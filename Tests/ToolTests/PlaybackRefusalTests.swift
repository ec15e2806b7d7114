import Foundation
import TestSupport
import Testing

@Suite("Playback refuses")
struct PlaybackRefusalTests {
    private let store: ImportedStore

    init() throws {
        store = try ImportedStore("vcr-ruby-json")
    }

    @Test("No tunnel is made, and no request is passed on")
    func noConnection() throws {
        let target = try LoopbackSocket()
        let port = try target.listen()
        let server = try PlaybackServerRun(store, try store.id("rate_limit"))
        let tunnel = try HTTPAnswer(
            asking: "CONNECT 127.0.0.1:\(port) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n",
            port: server.port)
        #expect(tunnel.status == 501)
        #expect(try (tunnel.json()["message"] as? String)?.contains("127.0.0.1:\(port)") == true)
        #expect(try server.ask("GET http://127.0.0.1:\(port)/").status == 404)
        #expect(try server.ask("GET /http/127.0.0.1:\(port)/").status == 404)
        #expect(!target.hasVisitor)
        let visitor = try LoopbackSocket()
        // The control: someone who connects is seen.
        try visitor.connect(to: port)
        #expect(target.hasVisitor)
        // A tunnel that was refused is no miss, and counted on its own; the two others are.
        let end = try server.stop()
        #expect(end.text.contains("missed 2") && end.text.contains("refused 1"), "\(end.text)")
    }

    @Test("A port that is taken is a clear error")
    func takenPort() throws {
        let holder = try LoopbackSocket()
        let address = "127.0.0.1:\(try holder.listen())"
        let run = try store.run("playback", try store.id("rate_limit"), "--listen", address)
        #expect(run.exitCode == 1 && run.output.isEmpty)
        #expect(run.errors.hasPrefix("Error: could not listen on http://\(address): "), "\(run.errors)")
        #expect(run.errors.contains("Address already in use") && run.errors.contains("--listen"))
    }

    @Test(
        "Arguments that mean nothing are wrong usage",
        arguments: [
            ["--listen", "127.0.0.1"], ["--on-miss", "200"], ["--repeats", "never"],
        ])
    func wrongUsage(options: [String]) throws {
        let run = try fluxrun(["playback", "01", "--store", store.path] + options)
        #expect(run.exitCode == 64 && run.output.isEmpty && run.errors.contains("'\(options[1])'"), "\(run.errors)")
    }
}
