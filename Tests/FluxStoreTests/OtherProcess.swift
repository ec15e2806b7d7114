import Foundation
import Glibc

/// A process beside the test: the program AppendLoop.
final class OtherProcess {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()
    /// The beginning of a line that was read.
    private var unfinished = ""

    /// Starts it with some arguments.
    init(_ arguments: String...) throws {
        // Programs lie where the tests do.
        let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: test).deletingLastPathComponent().appending(path: "AppendLoop")
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = input
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }

    /// Waits for the next bytes that it prints; empty at its end.
    func read() -> String { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }

    /// Waits until it has printed so many whole lines, or has ended; returns those, and what came with them.
    func read(lineCount: Int) -> [String] {
        var text = unfinished
        while text.count(where: { $0 == "\n" }) < lineCount {
            let next = read()
            guard !next.isEmpty else { break }
            text += next
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        unfinished = lines.last ?? ""
        return Array(lines.dropLast())
    }

    /// Ends its input, and waits for the rest of what it prints.
    func finish() -> [String] {
        try? input.fileHandleForWriting.close()
        return rest()
    }

    /// Kills it without warning, and returns the whole lines that it had printed and no one has read.
    func kill() -> [String] {
        Glibc.kill(identifier, SIGKILL)
        return rest()
    }

    private func rest() -> [String] {
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (unfinished + String(decoding: bytes, as: UTF8.self)).split(separator: "\n").map(String.init)
    }
}
