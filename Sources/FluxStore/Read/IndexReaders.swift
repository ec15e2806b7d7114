import FluxFormat
import FluxIndex
import Synchronization

/// Connections that read the index, each used by one caller at a time.
final class IndexReaders: Sendable {
    /// Idle connections that are kept.
    private static let idleCountMax = 8

    private let path: String
    private let storeID: StoreID
    private let idle = Mutex<[Lent]>([])

    /// `@unchecked Sendable`: who has taken a connection out of the pool is the only one that uses it.
    private struct Lent: @unchecked Sendable {
        let index: MetadataIndex
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
            idle.withLock { idle in
                if idle.count < Self.idleCountMax { idle.append(reader) }
            }
            return value
        } catch {
            throw StoreError(error)
        }
    }

    private func take() throws(IndexError) -> Lent {
        if let reader = idle.withLock({ $0.popLast() }) { return reader }
        return Lent(
            index: try MetadataIndex.open(
                path: path, storeID: (high: storeID.high, low: storeID.low), access: .readOnly))
    }
}

/// An index in memory, for a store whose own index cannot be used and may not be written.
final class MemoryIndex: Sendable {
    /// `@unchecked Sendable`: used with the mutex held. There is no IO in it, so the lock is held over none.
    private struct Kept: @unchecked Sendable {
        let index: MetadataIndex
    }

    private let index: Mutex<Kept>

    /// Takes an index over: the caller keeps no reference.
    init(_ index: MetadataIndex) {
        let kept = Kept(index: index)
        self.index = Mutex(kept)
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

    func read<Value>(_ body: (MetadataIndex) throws(IndexError) -> Value) throws(StoreError) -> Value {
        switch self {
        case .file(let readers): try readers.read(body)
        case .memory(let index): try index.read(body)
        }
    }
}
