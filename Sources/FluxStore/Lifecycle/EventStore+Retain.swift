extension EventStore {
    /// Drops the oldest segments that a policy does not keep, and every execution that began in them.
    ///
    /// An execution is whole or gone: one that began in a segment that goes is gone, also where later segments have frames
    /// of it, and also while it is still recorded; a further part of it throws `expectedEvent` with event 0. What is gone
    /// is forgotten: an execution of the same id can be stored again.
    ///
    /// When this returns no query finds what was dropped, no crash brings it back, and the files are removed but for those
    /// that a cursor of this process holds. Such a cursor goes on to its end. A cursor of another process throws `expired`
    /// where it comes to a file that is gone. With `isDryRun` nothing is changed.
    ///
    /// O(segments + executions dropped). Throws `readOnly`, `damaged`, `closed`, `io`, `noSpace`, and what keeps the index
    /// from following.
    @discardableResult
    public func retain(_ policy: RetentionPolicy, isDryRun: Bool = false) async throws(StoreError) -> RetentionReport {
        let lifecycle = try writer.lifecycle
        return try await OwnedThread.run(name: "flux-retain") { () throws(StoreError) in
            try lifecycle.inTurn { () throws(StoreError) in
                try lifecycle.retain(policy, now: WallClock.now(), isDryRun: isDryRun)
            }
        }
    }
}
