import FluxFiles
import FluxFormat
import FluxLog
import Foundation
import TestSupport
import Testing

@testable import FluxStore

@Suite("A checkpoint that does not fit the log")
struct FollowGapTests {
    private let folder: QuickFolder
    private var path: String { "\(folder.path)/store" }

    init() throws {
        folder = try QuickFolder()
    }

    /// What is told first behind a checkpoint, and how many batches follow.
    private func resumed(_ checkpoint: FollowCheckpoint, at path: String) async throws -> (first: String?, count: Int) {
        let store = try EventStore.open(at: path)
        await store.close()
        let items = try await store.items(from: checkpoint)
        return (items.first?.words, items.compactMap(\.batch).count)
    }

    @Test("That of another store is rewound, and all of this one follows")
    func otherStore() async throws {
        _ = try await makeStore(at: path, seeds: 1..<5)
        _ = try await makeStore(at: "\(folder.path)/other", seeds: 1..<5)
        let checkpoint = try EventStore.open(at: "\(folder.path)/other", options: .readOnly).checkpoint()
        let (first, count) = try await resumed(checkpoint, at: path)
        #expect(first == "rewound" && count == 4)
    }

    @Test("One behind the end of a log that was cut is rewound")
    func cutLog() async throws {
        _ = try await makeStore(at: path, seeds: 1..<5)
        try StoreFiles(path: path).copy(to: "\(folder.path)/older")
        let store = try EventStore.open(at: path)
        try await store.append(Sample.execution(seed: 9, eventCount: 3))
        let checkpoint = try store.checkpoint()
        await store.close()
        let (first, count) = try await resumed(checkpoint, at: "\(folder.path)/older")
        #expect(first == "rewound" && count == 4)
    }

    @Test(
        "One of a log that went on differently from an older copy is rewound, though its sequence and epoch are there")
    func otherHistory() async throws {
        _ = try await makeStore(at: path, seeds: 1..<5)
        let older = "\(folder.path)/older"
        try StoreFiles(path: path).copy(to: older)
        var checkpoints: [FollowCheckpoint] = []
        for (path, seed) in [(path, UInt64(20)), (older, 30)] {
            let store = try EventStore.open(at: path)
            try await store.append(Sample.execution(seed: seed, eventCount: 3))
            checkpoints.append(try store.checkpoint())
            await store.close()
        }
        #expect(checkpoints[0].frameSequence == checkpoints[1].frameSequence)
        #expect(checkpoints[0].writerEpoch == checkpoints[1].writerEpoch)
        let (first, count) = try await resumed(checkpoints[0], at: older)
        #expect(first == "rewound" && count == 5)
        let (rest, none) = try await resumed(checkpoints[1], at: older)
        #expect(rest == nil && none == 0)
    }

    @Test("Frames that are gone are told of once, with their sequences, and the rest follows", arguments: [0, 1, 2, 3])
    func expired(droppedCount: Int) async throws {
        let executions = try await makeStore(at: path, seeds: 1..<60, options: .small)
        let store = try EventStore.open(at: path, options: .readOnly)
        var view = store.followView
        let batches = try await store.batches(count: executions.count)
        try #require(view.durable.segments.count > 4)
        view.durable.segments.removeFirst(droppedCount)
        let first = try #require(view.durable.segments.first)
        let kept = batches.filter { $0.positions[0].segment >= first }
        let start = try SegmentFile(
            opening: SegmentName(segment: first), in: "\(path)/seg", files: PosixFileSystem(), access: .read
        ).header.firstFrameSequence
        var follower = LogFollower(SegmentTable(path: path, files: PosixFileSystem()), from: batches[0].checkpoint)
        var words: [String] = []
        while let item = try follower.next({ view }) { words.append(item.words) }
        let gap = batches[0].checkpoint.frameSequence + 1..<max(start, batches[0].checkpoint.frameSequence + 1)
        let rest = kept.map { "\($0.executionID)" }
        #expect(words == (droppedCount == 0 ? Array(rest.dropFirst()) : ["expired \(gap)"] + rest))
    }

    @Test("Segments that are dropped in front of a follower are told of, and the file that it reads is read to its end")
    func droppedAhead() async throws {
        let executions = try await makeStore(at: path, seeds: 1..<60, options: .small)
        let store = try EventStore.open(at: path, options: .readOnly)
        let whole = store.followView
        var dropped = whole
        dropped.durable.segments.removeFirst(3)
        var follower = LogFollower(SegmentTable(path: path, files: PosixFileSystem()), from: nil)
        let first = try #require(try follower.next { whole }?.batch)
        for name in try StoreFiles(path: path).segments.prefix(3) { try FileManager.default.removeItem(atPath: name) }
        // What is seen lags behind what lies there: it is looked at again.
        var items: [FollowItem] = []
        while let item = try follower.next({ dropped }) { items.append(item) }
        let ids = [first.executionID] + items.compactMap { $0.batch?.executionID }
        let gap = try #require(items.firstIndex { $0.batch == nil })
        #expect(items.count { $0.batch == nil } == 1 && items[gap].words.hasPrefix("expired "))
        let lastHeld = try #require(items[gap - 1].batch)
        #expect(lastHeld.positions[0].segment == 1)
        let next = try #require(items[gap + 1].batch)
        #expect(next.positions[0].segment == 4)
        let all = executions.map(\.id)
        #expect(ids == all.prefix(gap + 1) + all.suffix(items.count - gap - 1))
    }

    @Test("Of a log whose end no HEAD vouches for, nothing behind the end that it names is shown")
    func behindHead() async throws {
        _ = try await makeStore(at: path, seeds: 1..<4)
        let head = try Data(contentsOf: URL(filePath: "\(path)/HEAD"))
        _ = try await makeStore(at: path, seeds: 4..<6)
        try head.write(to: URL(filePath: "\(path)/HEAD"))
        let store = try EventStore.open(at: path, options: .readOnly)
        #expect(try store.executions().executions.count == 5)
        await store.close()
        let batches = try await store.batches()
        #expect(batches.count == 3)
        let writer = try EventStore.open(at: path)
        #expect(try await store.batches(from: batches.last?.checkpoint).count == 2)
        await writer.close()
    }

    @Test("Damage ends following with its file and place")
    func damage() async throws {
        _ = try await makeStore(at: path, seeds: 1..<9)
        let store = try EventStore.open(at: path, options: .readOnly)
        let batches = try await store.batches(count: 8)
        let segment = try StoreFiles(path: path).segments[0]
        try StoreFiles.flip(segment, at: batches[5].positions[0].offset + 20)
        var iterator = store.follow().makeAsyncIterator()
        for _ in 0..<5 { #expect(try await iterator.next()?.batch != nil) }
        let error = await storeError { try await iterator.next() }
        #expect(error?.code == .damaged && error?.message.contains(segment) == true)
        #expect(try await iterator.next()?.words == nil)
    }
}
