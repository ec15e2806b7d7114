import Glibc

/// A TCP socket of this machine. It is closed with the value.
final class LoopbackSocket {
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ToolError(description: "no socket: \(errno)") }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    private func withAddress(
        port: UInt16, _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32
    ) throws -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
        guard result == 0 else { throw ToolError(description: "port \(port): \(String(cString: strerror(errno)))") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Listens on a free port and returns it.
    func listen() throws -> UInt16 {
        _ = try withAddress(port: 0) { bind(descriptor, $0, $1) }
        guard Glibc.listen(descriptor, 8) == 0 else { throw ToolError(description: "listen: \(errno)") }
        return try withAddress(port: 0) { getsockname(descriptor, $0, &$1) }
    }

    /// Whether someone has connected to the socket that listens.
    var hasVisitor: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }

    /// Connects to a port.
    func connect(to port: UInt16) throws {
        _ = try withAddress(port: port) { Glibc.connect(descriptor, $0, $1) }
    }

    /// Connects, sends some bytes, and returns what comes until the other side closes.
    func exchange(_ bytes: [UInt8], port: UInt16) throws -> [UInt8] {
        try connect(to: port)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw ToolError(description: "send: \(errno)")
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw ToolError(description: "the connection stays open: \(errno)") }
            if count == 0 { return received }
            received += buffer[..<count]
        }
    }
}
