import FluxFormat
import FluxLog
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Opening")
struct OpeningTests {
    private let folder: QuickFolder
    private let files: StoreFiles

    init() throws {
        folder = try QuickFolder()
        files = StoreFiles(path: "\(folder.path)/store")
    }

    private func open(_ path: String, _ access: StoreOptions.Access) async -> StoreError? {
        await storeError { try EventStore.open(at: path, options: StoreOptions(access: access)) }
    }

    @Test(
        "What is no store is refused, named and left as it is", arguments: [StoreOptions.Access.readOnly, .readWrite])
    func noStore(access: StoreOptions.Access) async throws {
        let manager = FileManager.default
        try Data("text".utf8).write(to: URL(filePath: "\(folder.path)/file"))
        try manager.createDirectory(atPath: "\(folder.path)/album", withIntermediateDirectories: false)
        try Data("text".utf8).write(to: URL(filePath: "\(folder.path)/album/photo.jpg"))
        let file = await open("\(folder.path)/file", access)
        #expect(file?.code == .notAStore && file?.message == "\(folder.path)/file: is a file; a store is a folder")
        let album = await open("\(folder.path)/album", access)
        #expect(album?.code == .notAStore && album?.message.contains("photo.jpg") == true)
        #expect(try manager.contentsOfDirectory(atPath: "\(folder.path)/album") == ["photo.jpg"])
        let below = await open("\(folder.path)/file/store", access)
        #expect(below?.message.contains("\(folder.path)/file") == true)
    }

    @Test("Reading what is missing or empty finds no store, and makes none")
    func missing() async throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: "\(folder.path)/empty", withIntermediateDirectories: false)
        for name in ["missing", "empty"] {
            let error = await open("\(folder.path)/\(name)", .readOnly)
            #expect(error?.code == .notFound && error?.message.hasPrefix("\(folder.path)/\(name): ") == true)
        }
        #expect(try manager.contentsOfDirectory(atPath: folder.path) == ["empty"])
        #expect(try manager.contentsOfDirectory(atPath: "\(folder.path)/empty").isEmpty)
    }

    @Test("A store without any execution can be opened for reading")
    func withoutExecutions() async throws {
        await (try EventStore.open(at: files.path)).close()
        let store = try EventStore.open(at: files.path, options: .readOnly)
        #expect(try store.executions().executions.isEmpty)
        #expect(try await store.verify().isClean)
        #expect(try await store.statistics().segments == 0)
    }

    @Test(
        "Any spelling of a path names the store",
        arguments: ["plain", "with space", "ünï-cødé 目录", "slash/", "a//b/../c", "new/parents/too", "per%20cent?x#y"])
    func spellings(name: String) async throws {
        let path = "\(folder.path)/\(name)"
        if name.contains("..") {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/a/b", withIntermediateDirectories: true)
        }
        let executions = try await makeStore(at: path, seeds: 0..<2)
        let store = try EventStore.open(at: path, options: .readOnly)
        #expect(store.warnings.isEmpty)
        #expect(try store.events(of: executions[1].id) == executions[1].events)
        #expect(try await store.verify().isClean)
    }

    @Test("A relative path and a symbolic link name the store")
    func relativeAndLinked() async throws {
        let executions = try await makeStore(at: files.path, seeds: 0..<2)
        let link = "\(folder.path)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: files.path)
        let depth = FileManager.default.currentDirectoryPath.split(separator: "/").count
        let relative = String(repeating: "../", count: depth) + files.path.dropFirst()
        for path in [link, relative] {
            let store = try EventStore.open(at: path)
            #expect(try store.events(of: executions[0].id) == executions[0].events)
            #expect(await open(files.path, .readWrite)?.code == .locked)
            await store.close()
        }
    }

    @Test("A segment of a later version, or with unknown features, is refused with what to do", arguments: [8, 88])
    func later(offset: Int) async throws {
        _ = try await makeStore(at: files.path, seeds: 0..<2)
        let segment = try files.segments[0]
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: segment)))
        bytes[offset] = 9
        let hash = XXH3.hash(Array(bytes[0..<4088]).rawSpan, seed: 0)
        for index in 0..<8 { bytes[4088 + index] = UInt8(truncatingIfNeeded: hash >> (8 * UInt64(index))) }
        try Data(bytes).write(to: URL(filePath: segment))
        for access in [StoreOptions.Access.readOnly, .readWrite] {
            let error = await open(files.path, access)
            #expect(error?.code == .unsupported)
            #expect(error?.message.hasPrefix(segment) == true && error?.message.contains("use a newer fluxrun") == true)
        }
        #expect(try Data(contentsOf: URL(filePath: segment)) == Data(bytes))
    }

    @Test("A second writer is refused and told who writes; it may when the first has closed or is gone")
    func secondWriter() async throws {
        let executions = (0..<3).map { Sample.execution(seed: $0, eventCount: 5) }
        var first: EventStore? = try EventStore.open(at: files.path)
        try await first?.append(executions[0])
        let refused = await open(files.path, .readWrite)
        #expect(refused?.code == .locked)
        #expect(refused?.message.contains("pid \(getpid())") == true && refused?.message.contains("read-only") == true)
        await first?.close()
        var second: EventStore? = try EventStore.open(at: files.path)
        try await second?.append(executions[1])
        let closed = await storeError { try await first?.append(executions[2]) }
        #expect(closed?.code == .closed && closed?.message.contains("open it again") == true)
        #expect(try first?.events(of: executions[0].id) == executions[0].events)
        // Gone without being closed: the lock goes with the store.
        second = nil
        for seed in 10..<30 {
            let store = try EventStore.open(at: files.path)
            try await store.append(Sample.execution(seed: UInt64(seed), eventCount: 1))
        }
        first = nil
        let last = try EventStore.open(at: files.path)
        #expect(last.warnings.isEmpty, "\(last.warnings)")
        #expect(try await last.statistics().executions == 22)
        #expect(try await last.verify().isClean)
        await last.close()
    }

    @Test("A reader beside a writer changes nothing")
    func readerChangesNothing() async throws {
        // In a large segment, so that no file is made or renamed in the background meanwhile.
        let writer = try EventStore.open(at: files.path)
        for seed in 0..<10 { try await writer.append(Sample.execution(seed: UInt64(seed), eventCount: 24)) }
        let log = try files.log
        let reader = try EventStore.open(at: files.path, options: .readOnly)
        #expect(try files.log == log)
        #expect(try await reader.verify().isClean)
        #expect(try files.log == log)
        await writer.close()
    }

    @Test("A reader beside a writer sees what is durable when it looks")
    func readerBesideWriter() async throws {
        let options = StoreOptions(segmentByteCountMax: 64 << 10)
        let writer = try EventStore.open(at: files.path, options: options)
        let executions = (0..<30).map { Sample.execution(seed: $0, eventCount: 24) }
        for execution in executions[..<10] { try await writer.append(execution) }
        let reader = try EventStore.open(at: files.path, options: .readOnly)
        #expect(reader.warnings.isEmpty, "\(reader.warnings)")
        for execution in executions[10...] { try await writer.append(execution) }
        for execution in executions[..<10] { #expect(try reader.events(of: execution.id) == execution.events) }
        var cursor = try await reader.cursor()
        var count = 0
        while let event = try cursor.next() { count += event.payload.byteCount >= 0 ? 1 : 0 }
        #expect(count == 30 * 24)
        let report = try await reader.verify()
        #expect(report.isClean && report.executions == 30, "\(report)")
        #expect(await storeError { try await reader.append(executions[0]) }?.code == .readOnly)
        await writer.close()
        #expect(try await EventStore.open(at: files.path, options: .readOnly).verify().executions == 30)
    }

    @Test("Opening a store of many segments keeps few files open, and reading it no more than one for each")
    func manySegments() async throws {
        let options = StoreOptions(segmentByteCountMax: 16 << 10)
        let executions = try await makeStore(at: files.path, seeds: 0..<60, eventCount: 24, options: options)
        #expect(try files.segments.count > 50)
        for access in [StoreOptions.Access.readOnly, .readWrite] {
            let store = try EventStore.open(at: files.path, options: StoreOptions(access: access))
            // The lock, the last segment, and a connection to the index with its three files.
            #expect(try openFileCount() < 10)
            for execution in executions { #expect(try store.events(of: execution.id).count == 24) }
            #expect(try openFileCount() < 60 + 10)
            await store.close()
        }
    }

    /// The files of the store that this process has open.
    private func openFileCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { descriptor in
            // One that was closed meanwhile belongs to another test.
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            return target?.hasPrefix(folder.path) ?? false
        }
    }
}
