import FluxFormat
import FluxStore
import Foundation
import Synchronization

extension FuzzTarget {
    /// A whole store in files: read, verified, salvaged, and the copy verified.
    static let salvage = FuzzTarget("salvage") { input in
        let store = FuzzStore(&input)
        let folder = try FuzzFolder()
        try folder.write(store)
        let whole = try read(folder.store)
        let salvage: StoreSalvage
        do throws(StoreError) {
            salvage = try StoreSalvage(from: folder.store, to: folder.target)
        } catch {
            return try hold(error.code != .io, "\(error.message)")
        }
        let copy = try EventStore.open(at: folder.target, options: StoreOptions(access: .readOnly))
        try hold(copy.warnings.isEmpty, "a copy is opened with a warning: \(copy.warnings)")
        let report = try verify(copy)
        try hold(report.isClean, "a copy does not verify: \(report.findings)")
        let copied = try events(in: copy) { (error) throws in throw error }
        // One that was begun twice under its id, which no writer does, is one.
        try hold(copied.count <= salvage.executionCount, "more executions than were copied")
        guard let whole, salvage.isWhole else { return }
        try hold(copied == whole, "a store that is whole and its copy differ")
    }

    /// Reads all of a store that may be damaged; what it holds where nothing is wrong with it.
    private static func read(_ path: String) throws -> [ExecutionID: [Event]]? {
        let store: EventStore
        do throws(StoreError) {
            store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        } catch {
            try hold(error.code != .io, "\(error.message)")
            return nil
        }
        let report = try verify(store)
        var isWhole = report.isClean && store.warnings.isEmpty
        let events = try events(in: store) { error in
            try hold(error.code == .damaged, "\(error.code): \(error.message)")
            try hold(!isWhole, "a store that verifies cannot be read: \(error.message)")
            isWhole = false
        }
        return isWhole ? events : nil
    }

    private static func events(
        in store: EventStore, _ fail: (StoreError) throws -> Void
    ) throws -> [ExecutionID: [Event]] {
        var events: [ExecutionID: [Event]] = [:]
        for summary in try store.executions(limit: 1000).executions {
            do throws(StoreError) {
                events[summary.id] = try store.events(of: summary.id)
            } catch {
                try fail(error)
            }
        }
        return events
    }

    private static func verify(_ store: EventStore) throws -> VerifyReport {
        try finish { () throws(StoreError) in try await store.verify() }
    }

    /// Waits for something that waits for no one; the caller has no task.
    static func finish<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(StoreError) -> Value
    ) throws -> Value {
        let result = Mutex<Result<Value, StoreError>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            let value: Result<Value, StoreError>
            do throws(StoreError) {
                value = .success(try await body())
            } catch {
                value = .failure(error)
            }
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.withLock({ $0 }) else { throw FuzzViolation("a task without an end") }
        return try value.get()
    }
}

/// A folder for a store and its copy, in memory where the system has one; goes with the value.
final class FuzzFolder {
    let path: String
    var store: String { "\(path)/store" }
    var target: String { "\(path)/copy" }

    init() throws {
        let memory = "/dev/shm"
        let parent =
            FileManager.default.isWritableFile(atPath: memory)
            ? URL(filePath: memory) : FileManager.default.temporaryDirectory
        path = parent.appending(path: "flux-fuzz-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: "\(store)/seg", withIntermediateDirectories: true)
    }

    func write(_ files: FuzzStore) throws {
        for file in files.files { try Data(file.bytes).write(to: URL(filePath: "\(store)/\(file.path)")) }
    }

    deinit {
        // What cannot be removed is left to the system.
        try? FileManager.default.removeItem(atPath: path)
    }
}
