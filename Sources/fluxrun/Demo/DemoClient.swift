import FluxFormat
import Foundation
import FoundationNetworking

/// An HTTP client that knows nothing of this package.
protocol DemoClient: Sendable {
    /// The client's name.
    var name: String { get }

    /// Sends a request to the playback server at `baseURL` and returns status and body of the answer.
    func answer(to request: HTTPRequestRecord, baseURL: String) async throws -> (status: Int, body: [UInt8])
}

extension DemoClient {
    /// The URL with which a client that was given a base URL asks for the recorded one.
    func prefixed(_ url: String, baseURL: String) -> String {
        "\(baseURL)/\(url.replacing("://", with: "/", maxReplacements: 1))"
    }

    fileprivate func contentType(of request: HTTPRequestRecord) -> String? {
        request.headers.first { $0.name.lowercased() == "content-type" }?.value
    }
}

/// `curl`, which uses the server as its proxy.
struct CurlClient: DemoClient {
    let name = "curl, through the server as a proxy"

    /// Where `curl` is; `nil` where it is not installed.
    static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin")
        .split(separator: ":").map { "\($0)/curl" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    func answer(to request: HTTPRequestRecord, baseURL: String) async throws -> (status: Int, body: [UInt8]) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path ?? "curl")
        process.arguments =
            ["-s", "-S", "-g", "--path-as-is", "-m", "20", "-x", baseURL, "--noproxy", "", "-X", request.method]
            + ["-w", "%{stderr}%{http_code}"]
        if let type = contentType(of: request) { process.arguments? += ["-H", "Content-Type: \(type)"] }
        if request.body != nil { process.arguments? += ["--data-binary", "@-"] }
        process.arguments?.append(request.url)
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(request.body ?? []))
        try input.fileHandleForWriting.close()
        let body = try output.fileHandleForReading.readToEnd() ?? Data()
        let words = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let status = Int(words) else { throw DemoError("curl failed: \(words)") }
        return (status, Array(body))
    }
}

/// Foundation's URLSession, which was given a base URL.
struct URLSessionClient: DemoClient {
    let name = "URLSession, by base URL"

    func answer(to request: HTTPRequestRecord, baseURL: String) async throws -> (status: Int, body: [UInt8]) {
        guard let url = URL(string: prefixed(request.url, baseURL: baseURL)) else {
            throw DemoError("\(request.url) is no URL")
        }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.connectionProxyDictionary = [:]
        var asked = URLRequest(url: url, timeoutInterval: 20)
        asked.httpMethod = request.method
        asked.httpBody = request.body.map { Data($0) }
        if let type = contentType(of: request) { asked.setValue(type, forHTTPHeaderField: "Content-Type") }
        let (body, response) = try await URLSession(configuration: configuration).data(for: asked)
        guard let answer = response as? HTTPURLResponse else { throw DemoError("no HTTP answer to \(request.url)") }
        return (answer.statusCode, Array(body))
    }
}

/// Why the demo cannot go on.
struct DemoError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
