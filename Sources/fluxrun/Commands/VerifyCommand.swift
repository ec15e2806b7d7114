import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun verify`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks that a store is as it was written.",
        discussion:
            """
            Checks names, headers, the chain, HEAD, seals, and the index against them; with --deep every hash and record, \
            too. Changes nothing of the log; an index that is missing or another store's is built from it first. Exit code 0: \
            all is as it was written; 3: something is not; 1: it could not be told.
            """)

    @OptionGroup var store: StoreArgument

    @Flag(help: "Reads every byte.")
    var deep = false

    @Flag(help: "Prints JSON: a line per finding, then one with the counts.")
    var json = false

    func run() async throws {
        let opened: EventStore
        do throws(StoreError) {
            opened = try store.openForReading()
        } catch {
            guard error.code == .damaged else { throw error }
            // Damage that leaves nothing to open is a finding like any other.
            tell(place: VerifyReport.Finding.Place.log.rawValue, error.message)
            throw ExitCode.lossy
        }
        var bar = ProgressBar("verifying", totalCount: 100)
        let report = try await opened.verify(deep ? .deep : .structure) { bar.show(doneCount: Int($0 * 100)) }
        bar.end()
        for finding in report.findings { tell(place: finding.place.rawValue, finding.message) }
        if json { Console.line(report.json) } else { Console.line(report.line) }
        if !report.isClean { throw ExitCode.lossy }
    }

    private func tell(place: String, _ message: String) {
        guard json else { return Console.line("\(place): \(message)".printable) }
        Console.line(JSONValue.members(["place": .text(place), "message": .text(message)]))
    }
}

extension VerifyReport {
    fileprivate var json: JSONValue {
        .members([
            "clean": .bool(isClean), "segments": .number(segments), "frames": .number(frames),
            "executions": .number(executions), "events": .number(events), "findings": .number(findings.count),
        ])
    }

    /// What was checked and found, on one line.
    var line: String {
        let verdict = isClean ? "clean" : "\(findings.count) findings"
        return "\(verdict): \(segments) segments, \(frames) frames, \(executions) executions, \(events) events"
    }
}
