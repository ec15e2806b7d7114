import FluxFormat
import Foundation
import Testing

@testable import FluxImport

private let fixturesPath = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures").path
private let corpusPath = ProcessInfo.processInfo.environment["FLUX_CORPUS"]
private let corpusDigestsPath = ProcessInfo.processInfo.environment["FLUX_CORPUS_DIGESTS"]

@Suite("What an independent reader finds")
struct RecordingDigestTests {
    @Test("The importer finds in the recordings of Fixtures, byte for byte")
    func smallSelection() throws {
        try compare(folder: fixturesPath + "/recordings", digests: fixturesPath + "/recordings-digests.tsv")
    }

    /// FLUX_CORPUS names a folder of recordings; FLUX_CORPUS_DIGESTS a table of them other than that of Fixtures.
    @Test(
        "The importer finds in the corpus, byte for byte",
        .enabled(if: corpusPath != nil, "FLUX_CORPUS names no folder of recordings"))
    func wholeCorpus() throws {
        let digests = corpusDigestsPath ?? fixturesPath + "/corpus-digests.tsv"
        try compare(folder: try #require(corpusPath), digests: digests)
    }

    private func compare(folder: String, digests: String) throws {
        var expected = try DigestTable(path: digests).entries
        var counts: [String: (files: Int, executions: Int, interactions: Int)] = [:]
        for path in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }).sorted() ?? [] {
            guard RecordingReader.isCandidate(path: path),
                let bytes = FileManager.default.contents(
                    atPath: "\(folder)/\(path)")
            else { continue }
            let entry = expected.removeValue(forKey: path)
            do throws(ImportError) {
                let file = try RecordingReader().recordings(in: Array(bytes), path: path)
                try? compare(file, with: entry, path: path)
                let count = counts[file.kind.rawValue] ?? (0, 0, 0)
                counts[file.kind.rawValue] = (
                    count.files + 1, count.executions + file.executions.count,
                    count.interactions + file.interactionCount
                )
            } catch {
                if entry != nil { Issue.record("\(error)") }
            }
        }
        for path in expected.keys.sorted() { Issue.record("\(path) was not read") }
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("\(kind): \(count.files) files, \(count.executions) executions, \(count.interactions) interactions")
        }
    }

    private func compare(_ file: ImportedFile, with entry: DigestTable.Entry?, path: String) throws {
        guard let entry else {
            #expect(file.interactionCount == 0, "\(path)")
            return
        }
        for failure in file.failures { Issue.record("\(failure)") }
        let expected = entry.interactions
        #expect(entry.kind == file.kind.rawValue, "\(path)")
        let executions = try file.executions.map { try $0.exchanges.map(InteractionDigest.init) }
        // The pages of a HAR file are executions of their own, so only the order inside of each is that of the file.
        for execution in executions where !isSubsequence(execution, of: expected) {
            let first = execution.first { !expected.contains($0) }
            Issue.record("\(path): \(first.map { "\($0)" } ?? "the order of interactions") differs")
        }
        #expect(executions.reduce(0) { $0 + $1.count } == expected.count, "\(path)")
    }

    private func isSubsequence(_ digests: [InteractionDigest], of others: [InteractionDigest]) -> Bool {
        var rest = others[...]
        return digests.allSatisfy { digest in
            guard let index = rest.firstIndex(of: digest) else { return false }
            rest = rest[(index + 1)...]
            return true
        }
    }
}
