import Foundation

/// A playback server that was started and listens. It is killed with the value.
struct PlaybackServerRun {
    let process: ToolProcess
    let port: UInt16
    var baseURL: String { "http://127.0.0.1:\(port)" }

    /// Starts a playback of some executions and waits until it says where it listens.
    init(_ store: ImportedStore, _ arguments: String...) throws {
        try self.init(store, arguments: arguments)
    }

    /// Starts a playback of some executions and waits until it says where it listens.
    init(_ store: ImportedStore, arguments: [String]) throws {
        process = try ToolProcess(["playback", "--store", store.path] + arguments)
        guard process.wait(until: { [process] in Self.firstLine(of: process) != nil }),
            let line = Self.firstLine(of: process)
        else {
            process.signal(SIGKILL)
            throw ToolError(description: "no server: \(try process.finish().errors)")
        }
        port = try Self.port(line)
    }

    /// The first line that is whole; `nil` while there is none.
    private static func firstLine(of process: ToolProcess) -> Substring? {
        process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first
    }

    private static func port(_ line: Substring) throws -> UInt16 {
        guard let port = line.split(separator: ":").last.flatMap({ UInt16($0) }), line.contains(" http://127.0.0.1:")
        else { throw ToolError(description: "no address: \(line)") }
        return port
    }

    /// Sends a request and returns the answer.
    func ask(_ line: String, body: String = "") throws -> HTTPAnswer {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        let head = "\(line) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(length)Connection: close\r\n\r\n"
        return try HTTPAnswer(asking: head + body, port: port)
    }

    /// Ends the server as Ctrl-C does, and returns what it printed.
    func stop(_ number: Int32 = SIGINT) throws -> ToolRun {
        process.signal(number)
        return try process.finish(secondsMax: 20)
    }
}

/// The bytes that a server sent until it closed the connection.
struct HTTPAnswer {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    init(asking request: String, port: UInt16) throws {
        let socket = try LoopbackSocket()
        let bytes = try socket.exchange(Array(request.utf8), port: port)
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)), let status = Int(text.dropFirst(9).prefix(3))
        else {
            throw ToolError(description: "no answer: \(text)")
        }
        self.status = status
        body = Array(bytes[end.upperBound...])
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").dropFirst()
        headers = Dictionary(
            lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
                return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
            }, uniquingKeysWith: { "\($0), \($1)" })
    }

    /// The members of a body that is a JSON object.
    func json() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(body))
        guard let members = value as? [String: Any] else { throw ToolError(description: "no object: \(value)") }
        return members
    }
}
