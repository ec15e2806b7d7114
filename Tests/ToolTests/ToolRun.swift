import Foundation
import TestSupport

/// What a run of the built program left behind.
struct ToolRun {
    let output: [UInt8]
    let errors: String
    let exitCode: Int32

    /// Standard output.
    var text: String { String(decoding: output, as: UTF8.self) }
    /// The lines of standard output.
    var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// The lines of standard output, each read as JSON.
    func values<Value: Decodable>(_ type: Value.Type) throws -> [Value] {
        try lines.map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}

/// Runs the program to its end.
func fluxrun(_ arguments: String..., folder: String? = nil) throws -> ToolRun {
    try fluxrun(arguments, folder: folder)
}

/// Runs the program to its end.
func fluxrun(_ arguments: [String], folder: String? = nil) throws -> ToolRun {
    try ToolProcess(arguments, folder: folder).finish()
}

/// Runs a Python program of `Tests/Python` to its end.
func python(_ arguments: [String]) throws -> ToolRun {
    try ToolProcess(["python3"] + arguments, program: URL(filePath: "/usr/bin/env")).finish()
}

/// Why a test cannot go on.
struct ToolError: Error, CustomStringConvertible {
    let description: String
}

/// A program that was started. It is killed with the value.
final class ToolProcess {
    /// Programs lie where the tests do.
    private static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "fluxrun")

    private let process = Process()
    private let hasEnded = DispatchSemaphore(value: 0)
    private let folder: TemporaryFolder
    private let files: [FileHandle]

    /// Starts it; what it prints goes to files, so that it never waits for a reader.
    init(_ arguments: [String], program: URL = program, folder: String? = nil, output: String? = nil) throws {
        let outputs = try TemporaryFolder()
        self.folder = outputs
        files = try ["output", "errors"].map { name in
            let path = "\(outputs.path)/\(name)"
            try Data().write(to: URL(filePath: path))
            return try FileHandle(forWritingTo: URL(filePath: path))
        }
        process.executableURL = program
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(filePath: folder) }
        (process.standardOutput, process.standardError) = (files[0], files[1])
        if let output { process.standardOutput = FileHandle(forWritingAtPath: output) }
        process.standardInput = FileHandle.nullDevice
        process.terminationHandler = { [hasEnded] _ in hasEnded.signal() }
        try process.start()
    }

    deinit { signal(SIGKILL) }

    var isRunning: Bool { process.isRunning }

    /// What it printed to standard output so far.
    var output: String { String(decoding: bytes("output"), as: UTF8.self) }

    private func bytes(_ name: String) -> Data {
        FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data()
    }

    /// Sends it a signal, if it still runs.
    func signal(_ number: Int32) {
        if process.isRunning { kill(process.processIdentifier, number) }
    }

    /// Waits until something holds, or the program has ended; whether it held. Looks again every millisecond.
    @discardableResult
    func wait(secondsMax: Double = 30, until condition: () -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: secondsMax)
        while !condition(), Date() < deadline {
            guard hasEnded.wait(timeout: .now() + .milliseconds(1)) == .success else { continue }
            // For who waits for the end.
            hasEnded.signal()
            break
        }
        return condition()
    }

    /// Waits for its end, but not for ever. The exit code of a killed one is that of a shell, 128 and the signal.
    func finish(secondsMax: Double = 60) throws -> ToolRun {
        guard hasEnded.wait(timeout: .now() + secondsMax) == .success else {
            signal(SIGKILL)
            throw ToolError(description: "\(process.arguments ?? []) did not end in \(secondsMax) s")
        }
        let status = process.terminationStatus
        return ToolRun(
            output: Array(bytes("output")), errors: String(decoding: bytes("errors"), as: UTF8.self),
            exitCode: process.terminationReason == .uncaughtSignal ? 128 + status : status)
    }
}
