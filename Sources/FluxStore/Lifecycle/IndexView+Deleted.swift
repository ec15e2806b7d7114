import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

extension IndexView {
    /// Whether an execution was deleted, as index and seals know while the index is behind, or cannot be read.
    func isDeletedInSeals(_ id: ExecutionID) throws(StoreError) -> Bool {
        let found = whileBehind { (index) throws(IndexError) in try index.isDead(id) }
        if found?.value == true { return true }
        guard let seals else { return false }
        do throws(LogError) {
            let first = max(found?.firstMissingSegment ?? 0, published?.start.segment ?? 0)
            let frames = try seals.frames(of: id, from: first)
            return frames.contains { $0.header.frameKind == .tombstone }
        } catch {
            throw StoreError(error)
        }
    }
}

extension KnownProgress {
    /// Takes frames into account that the index may lack, in order.
    mutating func add(_ frames: [IndexedFrame]) {
        for frame in frames where frame.position > progress?.lastFrame ?? .zero {
            if frame.header.frameKind == .tombstone {
                (progress, isDeleted) = (nil, true)
            } else if progress != nil || frame.header.flags.contains(.executionFirst) {
                progress = ExecutionProgress(progress, adding: frame)
            }
        }
    }
}
