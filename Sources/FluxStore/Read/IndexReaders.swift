import FluxFiles
import FluxFormat
import FluxIndex
import Synchronization

/// Connections that read the index, each used by one caller at a time.
final class IndexReaders: Sendable {
    /// Idle connections that are kept.
    private static let idleCountMax = 8

    private let path: String
    private let storeID: StoreID
    private let pool = Mutex(Pool())

    private struct Pool {
        var idle: [Lent] = []
        /// Counts how often the file was replaced.
        var fileCount = 0
    }

    /// `@unchecked Sendable`: who has taken a connection out of the pool is the only one that uses it.
    private struct Lent: @unchecked Sendable {
        let index: MetadataIndex
        let fileNumber: Int
    }

    init(path: String, storeID: StoreID) {
        self.path = path
        self.storeID = storeID
    }

    /// Runs `body` with a connection that no one else uses meanwhile.
    func read<Value>(
        _ body: (MetadataIndex) throws(IndexError) -> Value
    ) throws(StoreError) -> Value {
        do throws(IndexError) {
            let reader = try take()
            // A connection that failed is closed, not handed on.
            let value = try body(reader.index)
            pool.withLock { pool in
                guard pool.idle.count < Self.idleCountMax, reader.fileNumber == pool.fileCount else { return }
                pool.idle.append(reader)
            }
            return value
        } catch {
            throw StoreError(error)
        }
    }

    /// Lets go of connections to a file that may have been replaced by another.
    func reopen() {
        pool.withLock { pool in
            pool.idle = []
            pool.fileCount += 1
        }
    }

    private func take() throws(IndexError) -> Lent {
        let (idle, fileNumber) = pool.withLock { ($0.idle.popLast(), $0.fileCount) }
        if let idle { return idle }
        return Lent(
            index: try MetadataIndex.open(
                path: path, storeID: (high: storeID.high, low: storeID.low), access: .readOnly),
            fileNumber: fileNumber)
    }
}

/// An index in memory, for a store whose own index cannot be used and may not be written.
final class MemoryIndex: Sendable {
    /// `@unchecked Sendable`: used with the mutex held.
    private struct Kept: @unchecked Sendable {
        let index: MetadataIndex
    }

    private let index: Mutex<Kept>

    /// Takes an index over: the caller keeps no reference.
    init(_ index: MetadataIndex) {
        let kept = Kept(index: index)
        self.index = Mutex(kept)
    }

    /// Applies what the log has and the index lacks. Reads the log with the mutex held: who waits for it needs what is read.
    func catchUp(_ log: IndexCatchUp<PosixFileSystem>) throws(StoreError) {
        var failure: StoreError?
        index.withLock { kept in
            do throws(StoreError) {
                try log.run(on: kept.index)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    func read<Value>(_ body: (MetadataIndex) throws(IndexError) -> Value) throws(StoreError) -> Value {
        var result: Result<Value, IndexError>?
        index.withLock { kept in
            do throws(IndexError) {
                result = .success(try body(kept.index))
            } catch {
                result = .failure(error)
            }
        }
        do throws(IndexError) {
            guard let result else { preconditionFailure("a lock that did not run its body") }
            return try result.get()
        } catch {
            throw StoreError(error)
        }
    }
}

/// Where queries are answered from.
enum IndexSource: Sendable {
    case file(IndexReaders)
    case memory(MemoryIndex)
    /// That of a store which another process may be writing.
    case followed(FollowedIndex)

    func read<Value>(_ body: (MetadataIndex) throws(IndexError) -> Value) throws(StoreError) -> Value {
        switch self {
        case .file(let readers): try readers.read(body)
        case .memory(let index): try index.read(body)
        case .followed(let index): try index.read(body)
        }
    }

    /// Waits until everything is in it that another process has made durable.
    func settle() throws(StoreError) {
        if case .followed(let index) = self { try index.settle() }
    }
}
