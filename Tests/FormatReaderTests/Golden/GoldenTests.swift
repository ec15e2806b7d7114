import FluxFormat
import FluxStore
import Foundation
import SimulatedDisk
import TestSupport
import Testing

@Suite("Stores of format version 1")
struct GoldenTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/store" }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("No file of them has changed")
    func unchanged() throws {
        let sums = "\(GoldenStore.folder)/SHA256SUMS"
        let run = try ProgramRun(
            "/usr/bin/env", ["--chdir", GoldenStore.folder, "sha256sum", "--check", "--strict", "--quiet", sums])
        #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
        let named = try String(contentsOfFile: sums, encoding: .utf8).split(separator: "\n").map {
            String($0.dropFirst(66))
        }
        var files = Set(try GoldenStore.files(of: GoldenStore.folder).keys)
        files.subtract(["SHA256SUMS", "README.md", ".gitattributes"])
        #expect(Set(named) == files)
    }

    @Test("The store finds in them what it found when they were made", arguments: GoldenStore.readable)
    func found(golden: GoldenStore) async throws {
        try golden.copy(to: path)
        let expected = try golden.expected
        try await holds(expected, isWhole: golden.isWhole)
        // The log alone gives the same answers.
        try? FileManager.default.removeItem(atPath: "\(path)/index")
        try await holds(expected, isWhole: golden.isWhole)
    }

    private func holds(_ expected: ReadStore, isWhole: Bool) async throws {
        let found = try await ReadStore(byStore: path, end: expected.totals.end, isWhole: isWhole)
        #expect(found.executions == expected.executions)
        #expect(found.totals == expected.totals)
    }

    @Test(
        "The reader that was written from the format page finds in them what it found when they were made",
        .enabled(if: PythonReader.isRequired, "Python's modules lz4 and xxhash are missing; `make test` installs them"),
        arguments: GoldenStore.all)
    func foundByPython(golden: GoldenStore) throws {
        try golden.copy(to: path)
        let found = try ReadStore(byPython: path, isWhole: golden.isWhole)
        let expected = try golden.expected
        #expect(found.executions == expected.executions)
        #expect(found.totals == expected.totals)
    }

    @Test("Their index can be built anew", arguments: GoldenStore.readable.filter { $0.testDescription != "empty" })
    func reindexed(golden: GoldenStore) async throws {
        try golden.copy(to: path)
        let expected = try golden.expected
        #expect(try IndexRebuild(of: path).executionCount == UInt64(expected.executions.count))
        try await holds(expected, isWhole: golden.isWhole)
    }

    @Test("They can be appended to, and lose nothing by it", arguments: GoldenStore.readable)
    func appended(golden: GoldenStore) async throws {
        try golden.copy(to: path)
        let expected = try golden.expected
        let added = (90..<93).map { Sample.execution(seed: $0, eventCount: 7) }
        let store = try EventStore.open(at: path)
        #expect(store.warnings.isEmpty == golden.isWhole)
        for execution in added { try await store.append(execution) }
        await store.close()
        let found = try await ReadStore(byStore: path, end: "")
        #expect(Array(found.executions.prefix(expected.executions.count)) == expected.executions)
        #expect(found.executions.count == expected.executions.count + added.count)
        #expect(found.totals.events == expected.totals.events + 21)
        let reader = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        for execution in added { #expect(try reader.events(of: execution.id) == execution.events) }
    }

    @Test(
        "An execution that has not ended goes on",
        arguments: GoldenStore.readable.filter { $0.testDescription != "empty" })
    func goesOn(golden: GoldenStore) async throws {
        try golden.copy(to: path)
        let open = Sample.execution(seed: 32, eventCount: 60)
        var metadata = open.metadata
        for event in open.events { metadata.count(event.kind) }
        let store = try EventStore.open(at: path)
        let rest = EventBatch(
            executionID: open.id, firstEvent: 40, events: Array(open.events[40...]), metadata: metadata, isLast: true)
        #expect(try await !store.append(rest).isDuplicate)
        #expect(try await store.append(rest).isDuplicate)
        #expect(try store.events(of: open.id) == open.events)
        await store.close()
    }

    @Test("What was deleted in one is not shown, and a retry of it is refused, whatever becomes of the index")
    func deleted() async throws {
        let golden = try #require(GoldenStore.all.first { $0.testDescription == "shortened" })
        try golden.copy(to: path)
        let minors = try GoldenStore.files(of: "\(path)/seg").sorted { $0.key < $1.key }.map { $0.value[10] }
        #expect(minors == [1, 0, 1, 0, 1])
        for _ in 0..<2 {
            let store = try EventStore.open(at: path)
            for id in GoldenRecipe.deleted {
                #expect(try store.execution(id) == nil)
                let retry = Execution(
                    id: id, metadata: ExecutionMetadata(app: "", name: "", source: "", status: .ok), events: [])
                do throws(StoreError) {
                    try await store.append(retry)
                    Issue.record("what was deleted was appended again")
                } catch {
                    #expect(error.code == .deleted)
                }
            }
            await store.close()
            try FileManager.default.removeItem(atPath: "\(path)/index")
        }
    }

    @Test(
        "A damaged one is named, is never repaired in silence, and what is whole is found",
        arguments: GoldenStore.all.filter(\.isDamaged))
    func damaged(golden: GoldenStore) async throws {
        try golden.copy(to: path)
        let files = try GoldenStore.files(of: "\(path)/seg")
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        #expect(store.warnings.isEmpty == golden.isWritable)
        let findings = try await store.verify().findings
        #expect(!findings.isEmpty || !golden.isWritable)
        if !golden.isWritable {
            do throws(StoreError) {
                _ = try EventStore.open(at: path)
                Issue.record("a store with damage was opened for writing")
            } catch {
                #expect(error.code == .damaged && error.message.contains("damaged"), "\(error.message)")
            }
        }
        #expect(try GoldenStore.files(of: "\(path)/seg") == files)
        let salvage = try StoreSalvage(from: path, to: "\(folder.path)/copy")
        let whole = (1...12).map { Sample.execution(seed: $0, eventCount: Int($0 * 3) % 17) }
        let copy = try EventStore.open(at: "\(folder.path)/copy", options: StoreOptions(access: .readOnly))
        #expect(try await copy.verify().isClean)
        let ids = Set(try copy.executions(limit: 100).executions.map(\.id))
        let missing = Set(whole.map(\.id)).subtracting(ids)
        #expect(missing.count == 1 && !salvage.isWhole)
        // In a segment that is not sealed nothing tells whose frame it was.
        #expect(salvage.lost == (golden.isWritable ? missing : []))
        for execution in whole where ids.contains(execution.id) {
            #expect(try copy.events(of: execution.id) == execution.events)
        }
        #expect(try GoldenStore.files(of: "\(path)/seg") == files)
    }

    @Test(
        "A later major version is refused, and both versions are named",
        arguments: [StoreOptions.Access.readOnly, .readWrite])
    func laterMajor(access: StoreOptions.Access) throws {
        try GoldenStore.all[0].copy(to: path)
        let segment = "\(path)/seg/00000003.0000.rpl"
        var bytes = try Data(contentsOf: URL(filePath: segment))
        bytes[8] = 2
        try bytes.write(to: URL(filePath: segment))
        do throws(StoreError) {
            _ = try EventStore.open(at: path, options: StoreOptions(access: access))
            Issue.record("a store of a later version was opened")
        } catch {
            #expect(error.code == .unsupported)
            #expect(
                error.message.contains("written in format 2.0, and this version reads format 1"), "\(error.message)")
        }
        #expect(try PythonReader.run(path).exitCode == 1)
    }

    private static let target = ProcessInfo.processInfo.environment["FLUX_GOLDEN"]

    @Test("They are made anew", .enabled(if: target != nil, "FLUX_GOLDEN names no folder to write them into"))
    func made() throws {
        let target = try #require(Self.target)
        for golden in GoldenStore.all {
            let store = "\(target)/\(golden.testDescription)"
            try FileManager.default.createDirectory(atPath: "\(store)/seg", withIntermediateDirectories: true)
            for (path, bytes) in try golden.make().contents {
                let url = URL(filePath: "\(store)\(path.dropFirst("store".count))")
                try Data(bytes).write(to: url)
            }
        }
        _ = try IndexRebuild(of: "\(target)/closed")
        try FileManager.default.removeItem(atPath: "\(target)/closed/LOCK")
        for golden in GoldenStore.all {
            let run = try PythonReader.run("\(target)/\(golden.testDescription)")
            try Data(run.output.utf8).write(to: URL(filePath: "\(target)/\(golden.testDescription).jsonl"))
        }
    }
}
