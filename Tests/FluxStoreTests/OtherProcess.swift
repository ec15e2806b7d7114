import Foundation
import TestSupport

/// A process beside the test: the program AppendLoop.
final class OtherProcess {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    /// Starts it with some arguments.
    init(_ arguments: String...) throws {
        // Programs lie where the tests do.
        let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: test).deletingLastPathComponent().appending(path: "AppendLoop")
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = input
        try process.start()
    }

    var identifier: Int32 { process.processIdentifier }

    /// Waits for the next bytes that it prints; empty at its end.
    func read() -> String { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }

    /// Ends its input, and waits for the rest of what it prints.
    func finish() -> [String] {
        try? input.fileHandleForWriting.close()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
