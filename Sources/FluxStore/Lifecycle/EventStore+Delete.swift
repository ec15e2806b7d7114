public import FluxFormat
import FluxIndex
import FluxLog

/// Where the keys of executions are kept, outside of the store.
///
/// Payloads that were encrypted with a key of their own are unreadable everywhere, in backups too, once the key is gone.
public protocol ExecutionKeyStore: Sendable {
    /// Destroys the key of an execution; does nothing where there is none.
    ///
    /// Called behind each deletion, when that is durable, and again when the store is opened until it has returned once; once
    /// more for every deletion when the index was built again.
    func destroyKey(of id: ExecutionID) async throws
}

extension EventStore {
    /// Deletes an execution: when this returns it is in no query and no count, and a crash does not bring it back.
    ///
    /// Its id takes no more events: a retry throws `deleted`, over restarts too, until retention has dropped the segment
    /// with the deletion. Deleting again does nothing. A cursor that was there before goes on to its end. Its bytes are
    /// still in the files until ``scavenge(_:)`` has written the segments anew. Where ``StoreOptions/keyStore`` is set, the
    /// key is destroyed behind that, and what the key store throws is thrown as `keyStore`: then the execution is deleted,
    /// and the key is destroyed when this is called again, or when the store is opened.
    ///
    /// The first deletion begins a segment that earlier versions refuse to read, since they would show the execution.
    /// Throws `noExecution` where there is none of the id, and as ``append(_:durability:)-(Execution,_)``.
    public func delete(_ id: ExecutionID) async throws(StoreError) {
        let writing = try writer
        let tombstone = EncodedBatch(
            deleting: id, at: WallClock.now(), encoder: FrameEncoder(storeSalt: storeSalt))
        // Counted before it is gone, so that it is taken back once.
        if writing.meter.isMetering { try writing.meter.start(countByTenant) }
        let deleted = writing.meter.isMetering ? try view.execution(of: id) : nil
        var isDone = false
        while !isDone {
            let known = try view.progress(of: id, in: writing.published)
            switch try await writing.gate.submit(tombstone, durability: .durable, known: known) {
            case .stored:
                if let deleted {
                    writing.meter.giveBack(deleted.tenantID, byteCount: deleted.summary.storedByteCount)
                }
                isDone = true
            case .duplicate: isDone = true
            case .lookUpAgain: continue
            case .unknown, .expected, .finished, .deleted:
                throw StoreError(.noExecution, "\(path): there is no execution \(id) to delete")
            }
        }
        try await destroyKey(of: id)
    }

    private func destroyKey(of id: ExecutionID) async throws(StoreError) {
        guard let keyStore = options.keyStore, let lifecycle = writing?.lifecycle else { return }
        do {
            try await keyStore.destroyKey(of: id)
        } catch {
            throw StoreError(
                .keyStore, "execution \(id) is deleted, and its key is not destroyed: \(error); delete it again")
        }
        try await OwnedThread.run(name: "flux-delete") { () throws(StoreError) in try lifecycle.noteKeyGone(of: id) }
    }

    /// Destroys keys that were left, beside what the caller does.
    func startKeyWork() {
        guard options.keyStore != nil, writing != nil else { return }
        keyWork.withLock { work in work = Task { [weak self] in await self?.destroyLeftKeys() } }
    }

    /// Waits until the keys that were left when the store was opened are destroyed, or could not be.
    func finishKeyWork() async { await keyWork.withLock(\.self)?.value }

    /// Destroys the keys of deleted executions for which that was interrupted. Tries each once.
    func destroyLeftKeys() async {
        guard options.keyStore != nil, let lifecycle = writing?.lifecycle else { return }
        // What fails is tried by the next opening.
        let left = try? await OwnedThread.run(name: "flux-delete") { () throws(StoreError) in
            try lifecycle.deadWithKeys()
        }
        for id in left ?? [] where !Task.isCancelled { try? await destroyKey(of: id) }
    }
}

extension Lifecycle {
    fileprivate func noteKeyGone(of id: ExecutionID) throws(StoreError) {
        try work.index { (index) throws(IndexError) in try index.noteKeyGone(of: id) }
    }

    /// Deleted executions of which the key may be there.
    fileprivate func deadWithKeys() throws(StoreError) -> [ExecutionID] {
        let found = Guarded<[ExecutionID]>([])
        try work.index { (index) throws(IndexError) in
            let ids = try index.deadWithKeys(limit: .max)
            found.withLock { $0 = ids }
        }
        return found.withLock(\.self)
    }
}
