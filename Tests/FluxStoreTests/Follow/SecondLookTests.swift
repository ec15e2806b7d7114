import FluxFiles
import FluxFormat
import FluxLog
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("A log that is looked at while it is written")
struct SecondLookTests {
    private let folder: QuickFolder
    private var path: String { "\(folder.path)/store" }

    init() throws {
        folder = try QuickFolder()
    }

    /// A store of several segments that is open for writing; and the names of its segments.
    private func openStore() async throws -> (store: EventStore, segments: [String]) {
        let store = try EventStore.open(at: path, options: .small)
        for seed in UInt64(1)..<60 { try await store.append(Sample.execution(seed: seed, eventCount: 12)) }
        let names = store.extent.segments.map { SegmentName(segment: $0).fileName }
        try #require(names.count > 3)
        return (store, names)
    }

    @Test("A listing that misses a name once is no damage", arguments: ["first", "middle", "last", "all"])
    func missedOnce(_ which: String) async throws {
        let (store, names) = try await openStore()
        let missed = ["first": names[0], "middle": names[2], "last": names[names.count - 1], "all": ""][which]
        let files = ForgetfulFiles(missing: [try #require(missed)])
        let seen = try FoundLog.look(at: path, files: files)
        let log = try #require(seen.log)
        #expect(log.warnings == [] && seen.isWriterAlive)
        #expect(log.extent == store.extent)
        #expect(files.listCount == 2)
        await store.close()
    }

    @Test("Listings that miss other names each time are looked behind")
    func missedSeveralTimes() async throws {
        let (store, names) = try await openStore()
        let files = ForgetfulFiles(missing: [names[1], names[2], "", names[1]])
        let seen = try FoundLog.look(at: path, files: files)
        #expect(seen.log?.warnings == [] && seen.log?.extent == store.extent)
        await store.close()
    }

    @Test("A name that two listings miss is missing")
    func missing() async throws {
        let (store, names) = try await openStore()
        let log = try FoundLog.look(at: path, files: ForgetfulFiles(missing: [names[1], names[1]])).log
        #expect(log?.warnings.count == 1 && log?.warnings[0].contains(names[2]) == true)
        let none = await storeError { try FoundLog.look(at: path, files: ForgetfulFiles(missing: ["", ""])) }
        #expect(none?.code == .damaged && none?.message.contains("all segments are missing") == true)
        await store.close()
    }

    @Test("A sound log is looked at once")
    func sound() async throws {
        let (store, _) = try await openStore()
        await store.close()
        let files = ForgetfulFiles(missing: [])
        #expect(try FoundLog.look(at: path, files: files).log?.warnings == [])
        #expect(files.listCount == 1)
    }

    @Test("What says something else each time is taken as it is in the end, an error as well")
    func neverSettled() throws {
        var lookCount = 0
        let found = try SecondLook.settled { () throws(StoreError) in
            lookCount += 1
            return (lookCount, ["\(lookCount)"])
        }
        #expect(found == lookCount && lookCount == 16)
        lookCount = 0
        #expect(throws: StoreError.self) {
            try SecondLook.settled { () throws(StoreError) -> (found: Int, doubts: [String]) in
                lookCount += 1
                throw StoreError(.io, "\(lookCount)")
            }
        }
        #expect(lookCount == 16)
    }

    @Test("A frame that does not verify once is read again, and nothing comes twice")
    func followedTwice() async throws {
        let executions = try await makeStore(at: path, seeds: 1..<9)
        let store = try EventStore.open(at: path, options: .readOnly)
        let batches = try await store.batches(count: executions.count)
        let view = store.followView
        let segment = try StoreFiles(path: path).segments[0]
        let place = batches[5].positions[0].offset + 20
        // Bytes that a writer has not finished when they are read. They are whole before the second look at that frame.
        try StoreFiles.flip(segment, at: place)
        var (lookCount, repairs) = (0, [] as [Result<Void, any Error>])
        var follower = LogFollower(SegmentTable(path: path, files: PosixFileSystem()), from: nil)
        var found: [ExecutionID] = []
        while let item = try follower.next({
            lookCount += 1
            if lookCount == 2 { repairs.append(Result { try StoreFiles.flip(segment, at: place) }) }
            return view
        }) {
            found.append(try #require(item.batch, "\(item.words)").executionID)
        }
        for repair in repairs { try repair.get() }
        #expect(repairs.count == 1)
        #expect(found == executions.map(\.id))
    }

    @Test("While a slot of HEAD does not verify, the older ones are not taken for another log's", arguments: 0..<3)
    func tornHead(slot: Int) async throws {
        let executions = try await makeStore(at: path, seeds: 1..<9)
        let reader = try EventStore.open(at: path, options: .readOnly)
        let before = reader.followView
        try StoreFiles.flip("\(path)/HEAD", at: slot * HeadSlot.strideByteCount + 40)
        for _ in 0..<3 {
            let seen = reader.followView
            #expect(seen.resetCount == 0 && seen.durable == before.durable)
        }
        await reader.close()
        #expect(try await reader.items().count == executions.count)
    }
}
