import Foundation
import TestSupport
import Testing

@Suite("Commands of the README")
struct ReadmeCommandTests {
    /// Commands that run until they are told to end.
    private static let endless: Set<String> = ["playback", "follow"]

    @Test("Every line that starts the tool runs, one behind the other")
    func lines() throws {
        let readme = try String(contentsOfFile: "\(Fixtures.root)/README.md", encoding: .utf8)
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: Fixtures.recordings, toPath: "\(folder.path)/cassettes")
        let lines = readme.split(separator: "\n").filter { $0.hasPrefix("$ fluxrun ") }
        #expect(lines.count > 10)
        for line in lines {
            // Another program may have the port.
            let words = line.replacing(":8080", with: ":0").split(separator: " ").dropFirst(2).map(String.init)
            let process = try ToolProcess(words, folder: folder.path)
            if Self.endless.contains(words[0]) {
                process.wait { !process.output.isEmpty }
                process.signal(SIGINT)
            }
            let run = try process.finish()
            #expect(run.exitCode == 0, "\(line): \(run.errors)")
        }
    }
}
