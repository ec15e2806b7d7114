import CoreMetrics
import FluxStore
import Foundation
import Testing

@Suite("The page of metrics and logs")
struct MetricsPageTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/FluxStore")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: sources.appending(path: path), encoding: .utf8)
    }

    /// The rows of a section's table, without its head, as the texts of their cells.
    private static func rows(of section: String) throws -> [[String]] {
        let page = try text("FluxStore.docc/Metrics.md")
        let start = try #require(page.firstRange(of: "\n## \(section)\n")).upperBound
        let end = page[start...].firstRange(of: "\n## ")?.lowerBound ?? page.endIndex
        return page[start..<end].split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    @Test("The table names the metrics that a store makes, each with its kind and a unit, and no others")
    func metrics() async throws {
        let folder = try QuickFolder()
        let metrics = TestMetrics()
        await (try withMetricsFactory(metrics) { try EventStore.open(at: folder.path) }).close()
        let made = metrics.all.mapValues(\.kind.rawValue)
        var documented: [String: String] = [:]
        for row in try Self.rows(of: "Metrics") {
            try #require(row.count == 4 && row.allSatisfy { !$0.isEmpty }, "\(row)")
            documented[row[0].trimmingCharacters(in: ["`"])] = row[1]
        }
        #expect(documented == made)
        #expect(!made.isEmpty)
    }

    @Test("The table names the lines that a store writes, each with its level and metadata, and no others")
    func lines() throws {
        var written: [String: (level: String, keys: Set<String>)] = [:]
        for file in ["StoreMonitor.swift", "StoreMonitor+Log.swift"] {
            // Each piece begins with a level, and has no other call up to the end of its function.
            for piece in try Self.text("Monitor/\(file)").split(separator: "logger.").dropFirst() {
                let call = piece[..<(piece.firstRange(of: "\n    }")?.lowerBound ?? piece.endIndex)]
                let level = try #require(call.prefixMatch(of: /\w+(?=\()/)).output
                let message = try #require(call.firstMatch(of: /"([^"]*)"/)).output.1
                let keys = call.matches(of: #/"(\w+)":/#).map { String($0.output.1) }
                for step in message.contains("step)") ? ["sync", "roll"] : [""] {
                    let name = message.replacing(#/\\\((report\.)?step\)/#, with: step)
                    written[String(name)] = (String(level), Set(keys))
                }
            }
        }
        let rows = try Self.rows(of: "Logs")
        #expect(Set(rows.map { $0[0] }) == Set(written.keys))
        #expect(rows.count == written.count)
        for row in rows {
            let call = try #require(written[row[0]], "\(row[0])")
            if call.level != "log" { #expect(row[1] == call.level, "\(row[0])") }
            let keys = row[2].matches(of: /`(\w+)`/).map { String($0.output.1) }
            if !call.keys.isEmpty { #expect(Set(keys) == call.keys, "\(row[0])") }
        }
    }
}
