import Foundation
import Testing

/// The files of this package, as they lie in the source tree.
struct SourceTree {
    /// One Swift file.
    struct File: CustomTestStringConvertible {
        /// Relative to the package's root.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

        /// The folder right below `Sources` or `Tests`.
        var room: String { String(path.split(separator: "/")[1]) }

        /// The modules that the file imports.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ").map(String.init)
                guard let index = words.firstIndex(of: "import"), index <= 2, index + 1 < words.count,
                    words[..<index].allSatisfy({ ["package", "public", "@testable", "internal"].contains($0) })
                else { return nil }
                return words[index + 1]
            }
        }

        var testDescription: String { path }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The text of a file of the package.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The Swift files below a folder, sorted. What a tutorial shows is no part of the package.
    static func swiftFiles(below folder: String) throws -> [File] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
        return try names.filter { $0.hasSuffix(".swift") && !$0.contains(".docc/") }.sorted().map { name in
            File(path: "\(folder)/\(name)", text: try text("\(folder)/\(name)"))
        }
    }
}
