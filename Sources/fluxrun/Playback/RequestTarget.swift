/// What a request line asks for, as the URL that was meant to be reached.
enum RequestTarget: Equatable {
    /// The absolute URL.
    case url(String)
    /// A tunnel to a host, through which nothing could be answered.
    case tunnel(String)

    /// - `GET http://HOST/PATH`: a client that uses the server as its proxy.
    /// - `GET /https/HOST/PATH`, `GET /http/HOST/PATH`: a client that was given a base URL.
    /// - anything else: as if the host that the client named were the server.
    init(method: String, target: String, host: String?) {
        if method == "CONNECT" {
            self = .tunnel(target)
        } else if target.hasPrefix("http://") || target.hasPrefix("https://") {
            self = .url(target)
        } else if let url = Self.prefixed(target) {
            self = .url(url)
        } else {
            self = .url("http://\(host ?? "")\(target.hasPrefix("/") ? "" : "/")\(target)")
        }
    }

    private static func prefixed(_ target: String) -> String? {
        for scheme in ["http", "https"] where target.hasPrefix("/\(scheme)/") {
            return "\(scheme)://\(target.dropFirst(scheme.count + 2))"
        }
        return nil
    }
}
