/// Which segments are written anew.
public enum ScavengeScope: Sendable, Equatable {
    /// Those of which more than this share of the frames' bytes, 0 to 1, belongs to deleted executions.
    case share(Double)
    /// All that have anything of a deleted execution: behind it no file of the store does.
    case all
}

/// What was written anew.
public struct ScavengeReport: Sendable, Equatable {
    /// Segments that were written anew.
    public var segments = 0
    /// Bytes by which their files are smaller.
    public var byteCount: UInt64 = 0
    /// Files of before that a cursor holds; each is removed when the last such cursor goes.
    public var heldFiles = 0
    /// Whether nothing of what was deleted is left in the files of the index: a reader may have been in the way. Then call
    /// again.
    public var isIndexClean = true
}

extension EventStore {
    /// Takes the bytes of deleted executions off the disk: writes the segments anew that have many of them.
    ///
    /// With `.all`, when this returns and ``ScavengeReport/heldFiles`` is 0 and ``ScavengeReport/isIndexClean`` holds, no
    /// file of the store has anything of a deleted execution but its id: not in segments and their seals, nor the index,
    /// nor in what recoveries cut off, which is removed from `quarantine`. Backups are not touched, and a disk may keep old
    /// blocks for as long as it likes: where that matters, see ``ExecutionKeyStore``.
    ///
    /// Executions that were not deleted stay as they are, and cursors go on. The active segment ends, and another begins.
    /// A crash leaves each segment as it was, or written anew. A segment that does not verify is not written anew: `damaged`.
    ///
    /// O(seals of the store + segments that are written). Memory is the frame headers and metadata of a segment. Throws
    /// `readOnly`, `damaged`, `closed`, `io`, `noSpace`, and what keeps the index from following.
    @discardableResult
    public func scavenge(_ scope: ScavengeScope = .share(0.3)) async throws(StoreError) -> ScavengeReport {
        let lifecycle = try writer.lifecycle
        return try await OwnedThread.run(name: "flux-scavenge") { () throws(StoreError) in
            try lifecycle.inTurn { () throws(StoreError) in
                var generator = SystemRandomNumberGenerator()
                return try lifecycle.scavenge(scope) { generator.next() }
            }
        }
    }
}
