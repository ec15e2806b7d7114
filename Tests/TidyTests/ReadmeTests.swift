import Testing

@Suite("README")
struct ReadmeTests {
    @Test("The example is the code that a test of the store compiles and runs")
    func exampleIsCompiled() throws {
        let readme = try SourceTree.text("README.md")
        let start = try #require(readme.firstRange(of: "```swift\n")).upperBound
        let end = try #require(readme[start...].firstRange(of: "```")).lowerBound
        let example = readme[start..<end].split(separator: "\n").filter { !$0.hasPrefix("import ") }
        #expect(example.count >= 10)
        let test = try SourceTree.text("Tests/FluxStoreTests/ReadmeExampleTests.swift")
        let body = test.split(separator: "\n").map { $0.trimmingPrefix("        ") }
        #expect(body.firstRange(of: example) != nil, "the example differs from ReadmeExampleTests.swift")
    }

    @Test("It stays under 200 lines")
    func length() throws {
        #expect(try SourceTree.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count < 200)
    }

    @Test("Every make target that it names is there")
    func makeTargets() throws {
        let makefile = try SourceTree.text("Makefile")
        let words = try SourceTree.text("README.md").matches(of: /`make ([a-z]+)/).map { String($0.output.1) }
        #expect(!words.isEmpty)
        for word in Set(words) { #expect(makefile.contains("\n\(word):"), "make \(word)") }
    }
}
