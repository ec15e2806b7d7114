import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// An embedded store of recorded executions: an append-only log, and an index over what is known of them in clear.
///
/// ```swift
/// let store = try EventStore.open(at: "captures")
/// try await store.append(execution)
/// let page = try store.executions(matching: ExecutionQuery(app: "shop"), limit: 50)
/// ```
///
/// One process writes, any number read beside it. Everything that an append with ``Durability/durable`` returned from
/// survives the loss of power.
public final class EventStore: Sendable {
    /// The store's directory.
    public let path: String
    /// What was found on opening that a person should know: a tail that was cut off, an index that was built again,
    /// damage. Empty for a sound store.
    public var warnings: [String] { openingWarnings + (writing?.home.warnings ?? []) }

    let files: PosixFileSystem
    let table: SegmentTable<PosixFileSystem>
    let view: IndexView<PosixFileSystem>
    let storeID: StoreID
    let storeSalt: UInt64
    let options: StoreOptions
    /// What the log had lost when the store was opened for reading.
    let loss: String?
    /// What a store that was opened for reading sees; `nil` in one that writes.
    let watch: HeadWatch?
    /// Wakes who follows the log.
    let followers: FollowSignal
    /// The part that writes; `nil` in a store that only reads.
    let writing: Writing?
    /// Who waits for the disk in place of tasks that read.
    let readPool = ReadPool()
    private let openingWarnings: [String]
    /// Destroys keys for which that was interrupted; ended by ``close()``.
    let keyWork = Guarded<Task<Void, Never>?>(nil)

    /// The threads that write, and the way to them.
    struct Writing: Sendable {
        let threads: StoreThreads<PosixFileSystem>
        let gate: AppendGate
        let published: PublishedLog
        let home: FileIndexHome
        let lifecycle: Lifecycle<PosixFileSystem>
        let meter: TenantMeter
    }

    init(_ opening: consuming StoreOpening) {
        path = opening.path
        openingWarnings = opening.warnings
        loss = opening.loss
        files = opening.files
        table = opening.table
        view = opening.view
        storeID = opening.storeID
        storeSalt = opening.storeSalt
        options = opening.options
        watch = opening.watch
        writing = opening.writing
        followers = opening.writing?.published.followers ?? FollowSignal()
    }

    /// Opens a store, and makes one where the options allow it and there is none.
    ///
    /// Walks the last segment once; the others are not read. Throws ``StoreError`` with a code that tells what to do.
    public static func open(at path: String, options: StoreOptions = StoreOptions()) throws(StoreError) -> EventStore {
        let monitor = StoreMonitor(path, options: options)
        let start = MonotonicTime.now
        do throws(StoreError) {
            let store =
                switch options.access {
                case .readWrite: EventStore(try StoreOpening.forWriting(path, options: options, monitor: monitor))
                case .readOnly: EventStore(try StoreOpening.forReading(path, options: options))
                }
            monitor.noteOpened(store, since: start)
            store.startKeyWork()
            return store
        } catch {
            monitor.noteRefused(error)
            throw error
        }
    }

    /// Ends writing in order: what was handed in is made durable, the index follows, and the lock is released. Reading
    /// goes on, appending throws `closed`, and who follows the log comes to its end. Without it nothing that is durable is
    /// lost.
    public func close() async {
        guard let threads = writing?.threads, let lifecycle = writing?.lifecycle else { return followers.close() }
        keyWork.withLock { $0?.cancel() }
        await withCheckedContinuation { continuation in
            do throws(StoreError) {
                // Waiting for the disk blocks, so it is no work for the threads that all tasks share.
                _ = try OwnedThread(name: "flux-close") {
                    lifecycle.close()
                    threads.close()
                    continuation.resume()
                }
            } catch {
                lifecycle.close()
                threads.close()
                continuation.resume()
            }
        }
    }

    /// Everything durable at this moment.
    var extent: LogExtent {
        if let watch { return watch.look().visible }
        guard let writing else { preconditionFailure("a store that neither reads nor writes") }
        return writing.published.extent
    }

    /// The index, once it holds everything that was durable when this was called.
    var settledIndex: IndexSource {
        get throws(StoreError) {
            let source = try view.settled()
            try source.settle()
            return source
        }
    }
}
