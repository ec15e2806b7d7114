import ArgumentParser

/// A host and a port to listen on, as in `127.0.0.1:8080` or `[::1]:0`.
struct ListenAddress: ExpressibleByArgument {
    let host: String
    let port: Int

    /// Any free port, for programs of this machine.
    static let anyLocal = ListenAddress(host: "127.0.0.1", port: 0)

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...])
        else {
            return nil
        }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    /// The base URL of a server that listens on `port` of this host.
    func baseURL(port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    var defaultValueDescription: String { "\(host):\(port)" }
}
