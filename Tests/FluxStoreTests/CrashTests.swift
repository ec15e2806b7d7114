import FluxFormat
import FluxStore
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Crash")
struct CrashTests {
    /// The executions of a store whose numbers were printed are there, with their events.
    private static func expectAll(_ seeds: [UInt64], in store: EventStore) throws {
        for seed in seeds {
            let execution = Sample.execution(seed: seed, eventCount: 1 + Int(seed % 60))
            #expect(try store.events(of: execution.id) == execution.events, "execution \(seed)")
        }
    }

    @Test(
        "A full disk refuses the append, and keeps what was acknowledged", arguments: [9000, 40_000, 70_000, 150_000])
    func full(byteCountMax: Int) async throws {
        let folder = try QuickFolder()
        // A store with an index that exists, so that the limit meets the log.
        _ = try await makeStore(at: folder.path, seeds: 0..<1)
        let process = try OtherProcess("append", folder.path, "1", "\(byteCountMax)")
        let lines = process.finish()
        let acknowledged = lines.compactMap { UInt64($0) }
        let last = try #require(lines.last)
        #expect(last.hasPrefix("noSpace") && last.contains("free some"), "\(lines.suffix(2))")
        let store = try EventStore.open(at: folder.path)
        try Self.expectAll(acknowledged, in: store)
        #expect(store.warnings.isEmpty, "\(store.warnings)")
        let next = Sample.execution(seed: 1000, eventCount: 100)
        try await store.append(next)
        #expect(try store.events(of: next.id) == next.events)
        let report = try await store.verify()
        #expect(report.isClean, "\(report.findings)")
        await store.close()
    }

    @Test("The disk fills under a writer that goes on when there is room again", .enabled(if: SmallDisk.isPossible))
    func smallDisk() async throws {
        let disk = try SmallDisk(byteCount: 2 << 20)
        let store = try EventStore.open(
            at: "\(disk.path)/store", options: StoreOptions(segmentByteCountMax: 128 << 10))
        var acknowledged: [UInt64] = []
        var failure: StoreError?
        while failure == nil, acknowledged.count < 500 {
            let seed = UInt64(acknowledged.count)
            do {
                try await store.append(Sample.execution(seed: seed, eventCount: 1 + Int(seed % 60)))
                acknowledged.append(seed)
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == .noSpace && failure?.message.contains("free some") == true)
        try disk.grow(to: 16 << 20)
        try Self.expectAll(acknowledged, in: store)
        for seed in 600..<620 as Range<UInt64> {
            try await store.append(Sample.execution(seed: seed, eventCount: 1 + Int(seed % 60)))
            acknowledged.append(seed)
        }
        #expect(try await store.statistics().executions >= UInt64(acknowledged.count))
        #expect(try await store.verify().isClean)
        await store.close()
        let reopened = try EventStore.open(at: "\(disk.path)/store")
        try Self.expectAll(acknowledged, in: reopened)
        #expect(try await reopened.verify().isClean)
        await reopened.close()
    }

    @Test("A store that may not be written can be read, with or without its index", arguments: [true, false])
    func protected(hasIndex: Bool) async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: "\(folder.path)/store")
        _ = try await makeStore(at: files.path, seeds: 0..<5)
        if !hasIndex { try files.deleteIndex() }
        try protect(files.path, files: 0o444, folders: 0o555)
        defer { try? protect(files.path, files: 0o644, folders: 0o755) }
        let lines = try OtherProcess("read", files.path).finish()
        try #require(lines.count == 3, "\(lines)")
        #expect(lines[0] == "5 60 []")
        #expect(lines[1] == "readOnly")
        #expect(lines[2].hasPrefix("readOnly \(files.path)"))
    }

    @Test("A writer in another process is named")
    func otherWriter() async throws {
        let folder = try QuickFolder()
        let process = try OtherProcess("hold", folder.path)
        #expect(process.read().hasPrefix("open \(process.identifier)"))
        let error = await storeError { try EventStore.open(at: folder.path) }
        #expect(error?.code == .locked && error?.message.contains("pid \(process.identifier);") == true)
        #expect(try EventStore.open(at: folder.path, options: .readOnly).warnings.isEmpty)
        _ = process.finish()
        await (try EventStore.open(at: folder.path)).close()
    }
}

/// Changes what may be done with a folder and all in it.
private func protect(_ path: String, files: Int, folders: Int) throws {
    let manager = FileManager.default
    try manager.setAttributes([.posixPermissions: folders], ofItemAtPath: path)
    for name in try manager.subpathsOfDirectory(atPath: path) {
        var isFolder: ObjCBool = false
        _ = manager.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
        try manager.setAttributes(
            [.posixPermissions: isFolder.boolValue ? folders : files], ofItemAtPath: "\(path)/\(name)")
    }
}

/// A file system in memory with little room; goes with the value.
private final class SmallDisk {
    let path: String
    private let folder: TemporaryFolder

    /// Whether this process may mount one: root may, unless it is confined.
    static let isPossible: Bool = (try? SmallDisk(byteCount: 1 << 20)) != nil

    init(byteCount: Int) throws {
        folder = try TemporaryFolder()
        path = folder.path
        guard mount("flux", path, "tmpfs", 0, "size=\(byteCount)") == 0 else { throw POSIXError(.EPERM) }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    func grow(to byteCount: Int) throws {
        guard mount("flux", path, "tmpfs", UInt(MS_REMOUNT), "size=\(byteCount)") == 0 else {
            throw POSIXError(.EPERM)
        }
    }
}
