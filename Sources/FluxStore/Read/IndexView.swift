import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// What is known of executions: the index, and in front of it what the log holds and the index does not yet.
struct IndexView<Files: FileSystem>: Sendable {
    let source: IndexSource
    /// What a writer in this process has published; `nil` in a store that only reads.
    var published: PublishedLog?
    /// The seals of the log as it was opened, and the first segment that the index lacked then.
    var seals: SealLookup<Files>?
    var firstMissingSegment: UInt32 = 0

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
        try source.read { (index) throws(IndexError) in try index.execution(of: id) }
    }

    /// What index and seals know together, while the index is behind, or is built again and cannot be read.
    private func sealed(_ id: ExecutionID) throws(StoreError) -> IndexedExecution? {
        guard let seals else { return try indexed(id) }
        var row: IndexedExecution?
        var firstSegment = firstMissingSegment
        do throws(StoreError) {
            row = try indexed(id)
        } catch {
            firstSegment = 0
        }
        do throws(LogError) {
            return IndexedExecution(row, adding: try seals.frames(of: id, from: firstSegment))
        } catch {
            throw StoreError(error)
        }
    }

    /// How far an execution has come, as of everything published before. O(log executions), once the index has caught up;
    /// O(1) for most that are not stored.
    func progress(of id: ExecutionID, in published: PublishedLog) throws(StoreError) -> KnownProgress {
        let absence = published.absence(of: id)
        if absence.isCertain { return KnownProgress(progress: nil, throughSequence: absence.throughSequence) }
        try waitForRebuild()
        // In this order: what leaves the overlay stands in the index by then.
        let overlaid = published.frames(of: id)
        var progress: ExecutionProgress?
        if published.isCatchingUp {
            progress = try sealed(id).flatMap(ExecutionProgress.init)
        } else {
            progress = try source.read { (index) throws(IndexError) in try index.progress(of: id) }
        }
        for frame in overlaid where frame.position > progress?.lastFrame ?? .zero {
            progress = ExecutionProgress(progress, adding: frame)
        }
        return KnownProgress(progress: progress, throughSequence: absence.throughSequence)
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
