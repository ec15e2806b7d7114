import FluxFormat
import FluxStore
import Foundation
import SimulatedDisk
import TestSupport
import Testing

/// A store of format version 1 that never changes, and what readers must find in it.
struct GoldenStore: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Whether nothing is torn or damaged.
    let isWhole: Bool
    /// Whether it may be written to.
    let isWritable: Bool
    let make: @Sendable () throws -> SimulatedDisk

    static let folder = "\(projectRoot)/Fixtures/stores"
    static let all = [
        GoldenStore("closed", isWhole: true, isWritable: true, GoldenRecipe.closed),
        GoldenStore("killed", isWhole: false, isWritable: true, GoldenRecipe.killed),
        GoldenStore("shortened", isWhole: true, isWritable: true, GoldenRecipe.shortened),
        GoldenStore("empty", isWhole: true, isWritable: true, GoldenRecipe.empty),
        GoldenStore("damaged", isWhole: false, isWritable: false, GoldenRecipe.damaged),
        GoldenStore("damaged-sealed", isWhole: false, isWritable: true, GoldenRecipe.damagedSealed),
    ]

    /// Those that a reader shows up to their end.
    static let readable = all.filter { !$0.isDamaged }

    private init(
        _ name: String, isWhole: Bool, isWritable: Bool, _ make: @escaping @Sendable () throws -> SimulatedDisk
    ) {
        testDescription = name
        self.isWhole = isWhole
        self.isWritable = isWritable
        self.make = make
    }

    var isDamaged: Bool { testDescription.hasPrefix("damaged") }

    /// The fixture itself, which a test must not change.
    var path: String { "\(Self.folder)/\(testDescription)" }

    /// A store with these files at a path. A folder without files may be missing in the fixture.
    func copy(to target: String) throws {
        try FileManager.default.copyItem(atPath: path, toPath: target)
        try FileManager.default.createDirectory(atPath: "\(target)/seg", withIntermediateDirectories: true)
    }

    /// What the checked-in text says that a reader prints.
    var expected: ReadStore {
        get throws { try ReadStore(lines: String(contentsOfFile: "\(path).jsonl", encoding: .utf8)) }
    }

    /// Every file of the store with its bytes, by its path in it.
    static func files(of path: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in FileManager.default.enumerator(atPath: path)?.compactMap({ $0 as? String }) ?? [] {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isDirectory),
                !isDirectory.boolValue
            {
                files[name] = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
            }
        }
        return files
    }
}
