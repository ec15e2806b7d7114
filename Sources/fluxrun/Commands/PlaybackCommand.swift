import ArgumentParser
import FluxFormat
import FluxReplay
import FluxStore
import Synchronization
import UnixSignals

/// `fluxrun playback`
struct PlaybackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playback", abstract: "Answers HTTP clients from recorded executions.",
        discussion: """
            A client reaches it as an HTTP proxy for http:// URLs, or by base URL: /https/HOST/PATH and \
            /http/HOST/PATH. A request is answered by the recorded one with the same method, URL and body; equal \
            requests are answered in recorded order. It never makes a connection of its own. On Ctrl-C it tells what \
            was served and what was missed; with misses the exit code is 2.
            """)

    /// What `--on-miss` takes.
    enum MissStatus: Int, CaseIterable, ExpressibleByArgument {
        case notFound = 404
        case badGateway = 502

        init?(argument: String) {
            guard let number = Int(argument) else { return nil }
            self.init(rawValue: number)
        }

        var defaultValueDescription: String { "\(rawValue)" }
        static var allValueStrings: [String] { allCases.map { "\($0.rawValue)" } }
    }

    /// What `--repeats` takes.
    enum RepeatsArgument: String, CaseIterable, ExpressibleByArgument {
        case error, last, first

        var repeats: Repeats {
            switch self {
            case .error: .error
            case .last: .last
            case .first: .first
            }
        }
    }

    @Argument(help: "The first digits of ids; among equal requests this order counts.")
    var id: [IDArgument]

    @OptionGroup var store: StoreArgument

    @Option(help: ArgumentHelp("Where to listen; port 0 is any free one.", valueName: "host:port"))
    var listen = ListenAddress.anyLocal

    @Option(help: ArgumentHelp("The status of answers to what was never recorded: 404 or 502.", valueName: "status"))
    var onMiss: MissStatus = .notFound

    @Option(help: "What a request gets once all of its recorded answers were given.")
    var repeats: RepeatsArgument = .error

    func run() async throws {
        let opened = try store.openForReading()
        let executions = try id.map { try $0.execution(in: opened) }
        let session = try PlaybackSession(
            over: executions.map { StoredRecording($0.id, in: opened) }, repeats: repeats.repeats)
        let refusals = Mutex(0)
        let responder = PlaybackResponder(session: session, missStatus: onMiss.rawValue) { miss in
            Console.note("missed \(miss.lines.joined(separator: "\n").printableLines)")
        } onRefusal: { reason in
            refusals.withLock { $0 += 1 }
            Console.note("refused: \(reason.printable)")
        }
        try await PlaybackServer(responder: responder, address: listen).run(stoppingOn: [.sigint, .sigterm]) { url in
            Console.line("answering from \(session.exchangeCount) recorded requests on \(url)")
            Console.line("  as a proxy:   curl -x \(url) http://HOST/PATH")
            Console.line("  by base URL:  curl \(url)/https/HOST/PATH")
            Console.flush()
        }
        let report = session.report
        report.lines.forEach { Console.line($0.printable) }
        let refusedCount = refusals.withLock { $0 }
        if refusedCount > 0 { Console.line("refused \(refusedCount), as told above") }
        if report.missCount + refusedCount > 0 { throw ExitCode.misses }
    }
}
