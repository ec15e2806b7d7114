import Foundation
import TestSupport

/// The project's folder.
let projectRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

/// What a program printed, and how it ended.
struct ProgramRun {
    let output: String
    let errors: String
    let exitCode: Int32

    /// Runs a program to its end; what it prints goes to files, so that it never waits for a reader.
    init(_ program: String, _ arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let files = try ["output", "errors"].map { name in
            let file = URL(filePath: "\(folder.path)/\(name)")
            try Data().write(to: file)
            return (file, try FileHandle(forWritingTo: file))
        }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        (process.standardOutput, process.standardError) = (files[0].1, files[1].1)
        process.standardInput = FileHandle.nullDevice
        try process.start()
        process.waitUntilExit()
        output = String(decoding: try Data(contentsOf: files[0].0), as: UTF8.self)
        errors = String(decoding: try Data(contentsOf: files[1].0), as: UTF8.self)
        exitCode = process.terminationStatus
    }
}

/// The reader that was written from the format page alone.
enum PythonReader {
    private static let program = "\(projectRoot)/Tests/Python/read_store.py"

    /// The arguments of `env` that start a Python with the modules that the reader needs. The one that is first in the
    /// path may lack them where the system's own, into which packages install them, does not.
    private static let interpreter = ["python3", "/usr/bin/python3"].first { name in
        (try? ProgramRun("/usr/bin/env", [name, "-c", "import lz4.block, xxhash"]))?.exitCode == 0
    }

    /// Whether the reader can run, or must because everything is installed where gates run.
    static let isRequired = interpreter != nil || ProcessInfo.processInfo.environment["CI"] != nil

    /// Reads a store.
    static func run(_ store: String) throws -> ProgramRun {
        try ProgramRun("/usr/bin/env", [interpreter ?? "python3", program, store])
    }
}
