import Logging
import Synchronization

/// A log whose lines a test reads, or waits for.
final class TestLog: Sendable {
    /// One line, with the metadata of its logger.
    struct Line: Sendable {
        /// Lines before it.
        let index: Int
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let state = Mutex<[Line]>([])
    private let stream: AsyncStream<Line>
    private let continuation: AsyncStream<Line>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Line.self)
    }

    /// A logger that writes here.
    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    /// The lines up to this moment.
    var lines: [Line] { state.withLock(\.self) }

    /// The lines of one message.
    func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

    /// Waits for the next line of a message that has so many before it, and drops all lines up to there. For one task.
    func next(_ message: String, from index: Int = 0) async -> Line? {
        await stream.first { $0.message == message && $0.index >= index }
    }

    private func add(_ level: Logger.Level, _ message: String, _ metadata: [String: String]) {
        let line = state.withLock { lines in
            let line = Line(index: lines.count, level: level, message: message, metadata: metadata)
            lines.append(line)
            return line
        }
        continuation.yield(line)
    }

    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.add(event.level, "\(event.message)", all.mapValues { "\($0)" })
        }
    }
}
