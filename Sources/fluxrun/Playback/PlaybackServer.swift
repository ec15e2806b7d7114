import FluxReplay
import Glibc
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// An HTTP server that answers from a playback session, and never makes a connection of its own.
struct PlaybackServer {
    let responder: PlaybackResponder
    let address: ListenAddress

    /// Serves until the process is told to end, or the task is cancelled; `onRunning` gets the base URL.
    func run(
        stoppingOn signals: [UnixSignal], onRunning: @escaping @Sendable (_ baseURL: String) async -> Void
    ) async throws {
        let logger = Logger(label: "fluxrun.playback") { _ in SwiftLogNoOpLogHandler() }
        let responder = responder
        let address = address
        let server = PlaybackChannel { request, writer, _ in try await responder.respond(request, writer) }.server(
            configuration: ServerConfiguration(address: .hostname(address.host, port: address.port)),
            onServerRunning: { channel in
                await onRunning(address.baseURL(port: channel.localAddress?.port ?? address.port))
            }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [server], gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(3)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            return
        } catch {
            // The library's words name its own functions; those of the system say what is the matter.
            let number = (error as? NIOCore.IOError)?.errnoCode
            let reason = number.flatMap { unsafe strerror($0).map { unsafe String(cString: $0) } } ?? "\(error)"
            throw PlaybackServerError(address: address.baseURL(port: address.port), reason: reason)
        }
    }
}

/// Why a playback server could not start.
struct PlaybackServerError: Error, CustomStringConvertible {
    let address: String
    let reason: String

    var description: String {
        "could not listen on \(address): \(reason); give another address with --listen, port 0 for any free one"
    }
}
