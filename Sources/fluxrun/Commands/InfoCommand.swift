import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun info`
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows what a segment file holds, and verifies all of it.",
        discussion: "Reads that file alone. Exit code 3: it is damaged; 1: it is no segment file.")

    @Argument(help: "The path of a segment file.")
    var file: String

    @Flag(help: "A line for each frame.")
    var frames = false

    @Flag(help: "Prints JSON: with --frames a line per frame, then one with all else.")
    var json = false

    func run() throws {
        let inspection = try SegmentInspection(of: file) { frame in
            guard frames else { return }
            if json { Console.line(frame.json) } else { Console.line(frame.line) }
        }
        if json { Console.line(inspection.json) } else { inspection.lines.forEach { Console.line($0.printable) } }
        if !inspection.damage.isEmpty { throw ExitCode.lossy }
    }
}
