import Testing

@Suite("Sizes")
struct SizeTests {
    @Test("No source file has more than 300 lines, no test file more than 500")
    func fileLengths() throws {
        for file in try SourceTree.swiftFiles(below: "Sources") { #expect(file.lines.count <= 300, "\(file.path)") }
        for file in try SourceTree.swiftFiles(below: "Tests") { #expect(file.lines.count <= 500, "\(file.path)") }
    }

    @Test("No folder of sources has more than 15 files")
    func folderSizes() throws {
        let files = try SourceTree.swiftFiles(below: "Sources")
        let folders = Dictionary(grouping: files) { $0.path.split(separator: "/").dropLast().joined(separator: "/") }
        for (folder, files) in folders { #expect(files.count <= 15, "\(folder)") }
    }

    @Test("Nothing stops the program where a typed error belongs, and no error is dropped in silence")
    func noSoftSpots() throws {
        for file in try SourceTree.swiftFiles(below: "Sources") {
            for spot in ["fatalError(", "try!", "catch {}", "unsafeFlags"] {
                #expect(!file.text.contains(spot), "\(file.path) has \(spot)")
            }
        }
        #expect(!(try SourceTree.text("Package.swift")).contains("unsafeFlags"))
    }
}
