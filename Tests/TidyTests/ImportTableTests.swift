import Testing

@Suite("Import table")
struct ImportTableTests {
    /// What each room may import besides the standard library. An arrow that is missing here is a change of the design.
    private static let table: [String: Set<String>] = [
        "FluxFormat": ["CFluxSystem"],
        "FluxFiles": ["CFluxSystem", "Glibc", "Synchronization"],
        "FluxLog": ["FluxFormat", "FluxFiles", "CFluxLZ4", "Synchronization"],
        "FluxIndex": ["FluxFormat", "CFluxSQLite"],
        "FluxStore": [
            "CFluxSystem", "FluxFormat", "FluxFiles", "FluxLog", "FluxIndex", "Synchronization", "Glibc", "CoreMetrics",
            "Logging",
        ],
        "FluxImport": ["FluxFormat", "Yams"],
        "FluxReplay": ["FluxFormat", "Synchronization"],
        "fluxrun": [
            "FluxFormat", "FluxFiles", "FluxStore", "FluxImport", "FluxReplay", "Glibc", "Foundation",
            "FoundationNetworking", "Synchronization", "ArgumentParser", "HTTPTypes", "HummingbirdCore", "Logging",
            "NIOCore", "NIOHTTP1",
            "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOPosix", "ServiceLifecycle", "UnixSignals",
        ],
    ]

    @Test("Every import of a room stands in the table, and every entry of the table is used")
    func importsAreThoseOfTheTable() throws {
        var used: [String: Set<String>] = [:]
        for file in try SourceTree.swiftFiles(below: "Sources") {
            let allowed = try #require(Self.table[file.room], "\(file.path) lies in a room that is not in the table")
            for module in file.imports {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
                used[file.room, default: []].insert(module)
            }
        }
        #expect(used == Self.table)
    }

    @Test("Imports run one way: no room reaches itself")
    func noCircle() {
        func reaches(_ room: String, _ target: String) -> Bool {
            (Self.table[room] ?? []).contains { $0 == target || (Self.table[$0] != nil && reaches($0, target)) }
        }
        for room in Self.table.keys { #expect(!reaches(room, room), "\(room) imports itself over others") }
    }

    @Test("A C library has one importer, and only one file of it")
    func oneImporterEach() throws {
        let files = try SourceTree.swiftFiles(below: "Sources")
        #expect(files.filter { $0.imports.contains("CFluxLZ4") }.map(\.path) == ["Sources/FluxLog/Encode/LZ4.swift"])
        #expect(
            files.filter { $0.imports.contains("CFluxSQLite") }.allSatisfy {
                $0.path.hasPrefix("Sources/FluxIndex/SQLite/")
            })
    }
}
