import Foundation
import TestSupport
import Testing

/// What the tests of the program are given.
enum Fixtures {
    /// The root of the project.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let recordings = "\(root)/Fixtures/recordings"
    static let broken = "\(root)/Fixtures/broken-recordings"
    static let digests = "\(root)/Fixtures/recordings-digests.tsv"
    static let client = "\(root)/Tests/Python/playback_client.py"
    /// Executions of the recordings: 50 are read, and three are the same as others.
    static let executionCount = 47
}

/// A line of `ls --json`.
struct ListedExecution: Decodable, Hashable {
    let id: String
    let app: String
    let name: String
    let route: String
    let status: String
    let startedAt: String?
    let durationNanoseconds: UInt64?
    let events: Int
    let interactions: Int
}

/// A store that the program imported recordings into. It goes with the value.
struct ImportedStore {
    let folder: TemporaryFolder
    var path: String { "\(folder.path)/store" }

    /// Imports a file or folder of the recordings; all of them where none is named.
    init(_ recordings: String = "") throws {
        folder = try TemporaryFolder()
        let run = try fluxrun("import", "\(Fixtures.recordings)/\(recordings)", "--store", path)
        try #require(run.exitCode == 0, "\(run.errors)")
    }

    /// Runs a command on the store.
    func run(_ arguments: String...) throws -> ToolRun { try fluxrun(arguments + ["--store", path]) }

    /// Runs a command that must succeed on the store.
    func succeed(_ arguments: String...) throws -> ToolRun {
        let run = try fluxrun(arguments + ["--store", path])
        try #require(run.exitCode == 0, "\(arguments): \(run.errors)")
        #expect(run.errors.isEmpty, "\(arguments): \(run.errors)")
        return run
    }

    /// All executions.
    func executions() throws -> [ListedExecution] {
        try succeed("ls", "--json", "--limit", "1000").values(ListedExecution.self)
    }

    /// The only execution whose name ends so.
    func id(_ nameEnd: String) throws -> String {
        let found = try executions().filter { $0.name.hasSuffix(nameEnd) }
        try #require(found.count == 1, "\(nameEnd): \(found.map(\.name))")
        return found[0].id
    }

    /// The only segment file.
    func segment() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/seg")
        try #require(names.count == 1, "\(names)")
        return "\(path)/seg/\(names[0])"
    }
}

/// The names of the members of a JSON object, in their order.
func memberNames(_ json: String) -> [String] {
    var names: [String] = []
    var (depth, isInString, isEscaped, text, last) = (0, false, false, "", "")
    for character in json {
        if isInString {
            if character == "\"" && !isEscaped { (isInString, last) = (false, text) } else { text.append(character) }
            isEscaped = character == "\\" && !isEscaped
        } else {
            switch character {
            case "\"": (isInString, text) = (true, "")
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            case ":" where depth == 1: names.append(last)
            default: break
            }
        }
    }
    return names
}
