import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun verify`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks every hash, chain link and index row of a store.",
        discussion:
            "Changes nothing. Exit code 0: all is as it was written; 3: something is not; 1: it could not be told.")

    @OptionGroup var store: StoreArgument

    @Flag(help: "Prints JSON: a line per finding, then one with the counts.")
    var json = false

    func run() async throws {
        let report = try await store.openForReading().verify()
        for finding in report.findings {
            if json {
                Console.line(finding.json)
            } else {
                Console.line("\(finding.place.rawValue): \(finding.message)".printable)
            }
        }
        if json { Console.line(report.json) } else { Console.line(report.line) }
        if !report.isClean { throw ExitCode.lossy }
    }
}

extension VerifyReport.Finding {
    fileprivate var json: JSONValue { .members(["place": .text(place.rawValue), "message": .text(message)]) }
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
