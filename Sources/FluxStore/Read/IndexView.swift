import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// What is known of executions: the index, and in front of it what the log holds and the index does not yet.
struct IndexView<Files: FileSystem>: Sendable {
    let source: IndexSource
    /// What a writer in this process has published; `nil` in a store that only reads.
    var published: PublishedLog?
    /// The seals of the log as it was opened.
    var seals: SealLookup<Files>?

    /// All that is known of an execution; `nil` where there is none of the id.
    func execution(of id: ExecutionID) throws(StoreError) -> IndexedExecution? {
        try waitForRebuild()
        // In this order: what leaves the overlay stands in the index by then.
        let overlaid = published?.frames(of: id) ?? []
        let isCatchingUp = published?.isCatchingUp ?? false
        let row = isCatchingUp ? try sealed(id) : try indexed(id)
        return IndexedExecution(row, adding: overlaid)
    }

    /// An index that was lost while it followed is waited for: the seals are those of the opening, and know of less.
    func waitForRebuild() throws(StoreError) {
        guard let published, published.isRebuilding else { return }
        try published.waitIndexed(below: published.end.nextFrameSequence)
    }

    private func indexed(_ id: ExecutionID) throws(StoreError) -> IndexedExecution? {
        current(try source.read { (index) throws(IndexError) in try index.execution(of: id) })
    }

    /// What began in segments that are being dropped is gone, though its row is not yet.
    private func current(_ row: IndexedExecution?) -> IndexedExecution? {
        row.flatMap { $0.summary.firstFrameSequence < published?.start.sequence ?? 0 ? nil : $0 }
    }

    /// Asks an index that is behind, and from which segment on it may lack frames; `nil` where it cannot be read.
    ///
    /// Only the index that is asked can tell: one that was put away since the log was opened may be built again meanwhile, and
    /// hold less than that one did.
    func whileBehind<Value>(
        _ body: (MetadataIndex) throws(IndexError) -> Value
    ) -> (value: Value, firstMissingSegment: UInt32)? {
        try? source.read { (index) throws(IndexError) in
            // In this order: what is applied in between is found in both, and counts once.
            let first = try index.applied.position.segment
            return (try body(index), first)
        }
    }

    /// What index and seals know together, while the index is behind, or is built again and cannot be read.
    private func sealed(_ id: ExecutionID) throws(StoreError) -> IndexedExecution? {
        guard let seals else { return try indexed(id) }
        let found = whileBehind { (index) throws(IndexError) in try index.execution(of: id) }
        var row = current(found?.value ?? nil)
        var firstSegment = found?.firstMissingSegment ?? 0
        // A loss of power takes back that rows were moved, and not that segments were written anew.
        if let frames = row?.frames, !seals.areCurrent(frames) { (row, firstSegment) = (nil, 0) }
        do throws(LogError) {
            let first = max(firstSegment, published?.start.segment ?? 0)
            return IndexedExecution(row, adding: try seals.frames(of: id, from: first))
        } catch {
            throw StoreError(error)
        }
    }

    /// How far an execution has come, as of everything published before. O(log executions), once the index has caught up;
    /// O(1) for most that are not stored.
    func progress(of id: ExecutionID, in published: PublishedLog) throws(StoreError) -> KnownProgress {
        let absence = published.absence(of: id)
        var known = KnownProgress(
            progress: nil, throughSequence: absence.throughSequence, expiryCount: absence.expiryCount)
        if absence.isCertain { return known }
        try waitForRebuild()
        // In this order: what leaves the overlay stands in the index by then.
        let overlaid = published.frames(of: id)
        if published.isCatchingUp {
            known.progress = try sealed(id).flatMap(ExecutionProgress.init)
            known.isDeleted = try isDeletedInSeals(id)
        } else {
            (known.progress, known.isDeleted) = try source.read { (index) throws(IndexError) in
                (try index.progress(of: id), try index.isDead(id))
            }
        }
        known.add(overlaid)
        return known
    }

    /// The index, once it holds everything published before.
    func settled() throws(StoreError) -> IndexSource {
        if let published { try published.waitIndexed(below: published.end.nextFrameSequence) }
        return source
    }

    /// The ids that begin with the digits, ascending.
    func ids(matching prefix: ExecutionIDPrefix, limit: Int) throws(StoreError) -> [ExecutionID] {
        try settled().read { (index) throws(IndexError) in try index.ids(matching: prefix, limit: limit) }
    }
}
