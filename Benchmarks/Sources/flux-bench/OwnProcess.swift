import Foundation

/// This program in a process of its own, whose memory is that of one measurement.
enum OwnProcess {
    /// Runs the program with these words; returns the numbers that it printed.
    static func numbers(_ words: [String], count: Int) throws -> [Double] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = words
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard process.terminationStatus == 0, numbers.count == count else {
            throw BenchmarkError("a process failed: \(words.joined(separator: " "))")
        }
        return numbers
    }

    /// The most memory that this process has had.
    static func peakMebibytes() throws -> Double {
        let status = try String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = peak?.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }.first
        guard let kibibytes else { throw BenchmarkError("the system does not tell how much memory a process had") }
        return kibibytes / 1024
    }
}
