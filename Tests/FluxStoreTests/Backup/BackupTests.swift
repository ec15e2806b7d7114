import FluxFormat
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("Backup and restore")
struct BackupTests {
    private let folder: QuickFolder
    private var path: String { "\(folder.path)/store" }
    private var backup: String { "\(folder.path)/backup" }

    init() throws {
        folder = try QuickFolder()
    }

    private func manifest() throws -> BackupManifest {
        try #require(BackupManifest(String(contentsOfFile: "\(backup)/MANIFEST", encoding: .utf8)))
    }

    @Test("A backup of a store that is written has what was durable, and a store restored from it has the same answers")
    func roundTrip() async throws {
        let store = try EventStore.open(at: path, options: .small)
        for seed in UInt64(1)..<60 { try await store.append(Sample.execution(seed: seed, eventCount: 12)) }
        let report = try await store.backup(to: backup)
        let expected = try await Answers(store)
        let checkpoint = try store.checkpoint()
        #expect(report.segments > 3 && report.linkedSegments + report.copiedSegments == report.segments)
        #expect(report.copiedSegments >= 1 && report.damage.isEmpty)
        try await store.append(Sample.execution(seed: 100, eventCount: 12))
        #expect(try await EventStore.verifyBackup(at: backup).isWhole)
        try await EventStore.restore(from: backup, to: "\(folder.path)/restored")
        let restored = try EventStore.open(at: "\(folder.path)/restored", options: .small)
        #expect(restored.warnings.isEmpty)
        #expect(try await Answers(restored) == expected)
        #expect(try restored.checkpoint() == checkpoint)
        try await restored.append(Sample.execution(seed: 101, eventCount: 12))
        await restored.close()
        // The store's files are its own: what was linked never changes.
        #expect(try await EventStore.verifyBackup(at: backup).isWhole)
        await store.close()
        #expect(try await EventStore.open(at: path, options: .readOnly).verify().isClean)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "backup", "restored", "store",
            ])
    }

    @Test("The next backup into the same folder brings new segments and the longer last one, and other files stay")
    func incremental() async throws {
        let store = try EventStore.open(at: path, options: .small)
        for seed in UInt64(1)..<40 { try await store.append(Sample.execution(seed: seed, eventCount: 12)) }
        let first = try await store.backup(to: backup)
        try Data("mine".utf8).write(to: URL(filePath: "\(backup)/notes.txt"))
        try Data("mine".utf8).write(to: URL(filePath: "\(backup)/seg/notes.txt"))
        for seed in UInt64(40)..<60 { try await store.append(Sample.execution(seed: seed, eventCount: 12)) }
        let second = try await store.backup(to: backup)
        #expect(second.keptSegments >= first.linkedSegments && second.segments > first.segments)
        #expect(second.keptSegments + second.linkedSegments + second.copiedSegments == second.segments)
        #expect(second.copiedSegments <= 2)
        let verification = try await EventStore.verifyBackup(at: backup)
        #expect(verification.isWhole && verification.segments == second.segments)
        #expect(verification.byteCount == second.byteCount)
        let third = try await store.backup(to: backup)
        #expect(third.copiedSegments <= 1 && third.keptSegments >= second.keptSegments)
        await store.close()
        for name in ["notes.txt", "seg/notes.txt"] {
            #expect(try String(contentsOfFile: "\(backup)/\(name)", encoding: .utf8) == "mine")
        }
        let copy = try EventStore.open(at: backup, options: .readOnly)
        #expect(copy.warnings.isEmpty)
        #expect(try copy.executions(limit: 100).executions.count == 59)
    }

    @Test("The manifest has a line of a hash and a path for each file, as xxhsum prints them, and is read again")
    func manifestText() async throws {
        _ = try await makeStore(at: path, seeds: 1..<20, options: .small)
        _ = try await EventStore.open(at: path, options: .readOnly).backup(to: backup)
        let text = try String(contentsOfFile: "\(backup)/MANIFEST", encoding: .utf8)
        let manifest = try manifest()
        #expect(manifest.text == text)
        for entry in manifest.entries {
            let bytes = try Array(Data(contentsOf: URL(filePath: "\(backup)/\(entry.path)")))
            let (high, low) = XXH3.hash128(bytes.rawSpan)
            let digits = [high, low].map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
            #expect(entry.byteCount == bytes.count && text.contains("\n\(digits)  \(entry.path)\n"))
        }
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            var flipped = bytes
            flipped[index] ^= 1
            #expect(BackupManifest(String(decoding: flipped, as: UTF8.self)) == nil)
            #expect(BackupManifest(String(decoding: bytes[..<index], as: UTF8.self)) == nil)
        }
    }

    @Test("A file of a backup that is damaged, cut or missing is named, and nothing is restored from it")
    func damagedBackup() async throws {
        _ = try await makeStore(at: path, seeds: 1..<40, options: .small)
        let store = try EventStore.open(at: path, options: .readOnly)
        _ = try await store.backup(to: backup)
        let name = "\(backup)/\(try manifest().entries[1].path)"
        let bytes = try Data(contentsOf: URL(filePath: name))
        let harms: [(String, () throws -> Void)] = [
            ("differs", { try StoreFiles.flip(name, at: 5000) }),
            ("has 5000 bytes", { try StoreFiles.cut(name, at: 5000) }),
            ("is missing", { try FileManager.default.removeItem(atPath: name) }),
        ]
        for (words, harm) in harms {
            // A file of its own, so that the store's is not harmed.
            try FileManager.default.removeItem(atPath: name)
            try bytes.write(to: URL(filePath: name))
            try harm()
            let findings = try await EventStore.verifyBackup(at: backup).findings
            #expect(findings.count == 1 && findings[0].hasPrefix("\(name): \(words)"), "\(findings)")
            let error = await storeError { try await EventStore.restore(from: backup, to: "\(folder.path)/restored") }
            #expect(error?.code == .damaged && error?.message.contains(name) == true)
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/restored"))
            try? bytes.write(to: URL(filePath: name))
        }
        try await EventStore.restore(from: backup, to: "\(folder.path)/restored")
        let restored = try EventStore.open(at: "\(folder.path)/restored", options: .readOnly)
        #expect(try await Answers(restored) == Answers(store))
        #expect(try await restored.verify().isClean)
    }

    @Test("Folders of something else, of another store or in the store are refused, and nothing is written there")
    func refused() async throws {
        _ = try await makeStore(at: path, seeds: 1..<4)
        _ = try await makeStore(at: "\(folder.path)/other", seeds: 1..<4)
        let store = try EventStore.open(at: path, options: .readOnly)
        _ = try await EventStore.open(at: "\(folder.path)/other", options: .readOnly).backup(to: backup)
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "\(path)/seg")
        for (target, words) in [
            (backup, "another store"), ("\(folder.path)/other", "something else"), (path, "lies in the store"),
            ("\(path)/seg/backup", "lies in the store"), ("\(folder.path)/link", "lies in the store"),
        ] {
            let error = await storeError { try await store.backup(to: target) }
            #expect(error?.code == .notABackup && error?.message.contains(words) == true, "\(target)")
        }
        try manager.removeItem(atPath: "\(backup)/MANIFEST")
        #expect(await storeError { try await store.backup(to: backup) }?.code == .notABackup)
        #expect(await storeError { try await EventStore.verifyBackup(at: backup) }?.code == .notABackup)
        #expect(await storeError { try await store.backup(to: "\(folder.path)/no/where") }?.code == .notFound)
        #expect(await storeError { try EventStore.open(at: backup) }?.code == .readOnly)
        #expect(
            await storeError { try await EventStore.restore(from: path, to: "\(folder.path)/r") }?.code == .notABackup)
        _ = try await store.backup(to: "\(folder.path)/mine")
        for target in ["\(folder.path)/other", "\(path)/HEAD"] {
            let error = await storeError { try await EventStore.restore(from: "\(folder.path)/mine", to: target) }
            #expect(error?.code == .exists)
        }
        #expect(!manager.fileExists(atPath: "\(path)/seg/backup"))
    }

    @Test("Damage in the store is reported, and the rest is backed up")
    func damagedStore() async throws {
        _ = try await makeStore(at: path, seeds: 1..<40, options: .small)
        let segment = try StoreFiles(path: path).segments[0]
        let store = try EventStore.open(at: path, options: .readOnly)
        try StoreFiles.flip(segment, at: 4096 + 96 + 60)
        let report = try await store.backup(to: backup)
        #expect(report.damage.count == 1 && report.damage[0].contains(segment))
        #expect(try await EventStore.verifyBackup(at: backup).isWhole)
        let error = await storeError { try await EventStore.restore(from: backup, to: "\(folder.path)/restored") }
        #expect(error?.code == .damaged && error?.message.contains("backed up with damage") == true)
    }
}
