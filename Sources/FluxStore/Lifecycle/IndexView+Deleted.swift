import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

extension IndexView {
    /// Whether an execution was deleted, as index and seals know while the index is behind, or cannot be read.
    func isDeletedInSeals(_ id: ExecutionID) throws(StoreError) -> Bool {
        var first = firstMissingSegment
        do throws(StoreError) {
            if try source.read({ (index) throws(IndexError) in try index.isDead(id) }) { return true }
        } catch {
            first = 0
        }
        guard let seals else { return false }
        do throws(LogError) {
            let frames = try seals.frames(of: id, from: max(first, published?.start.segment ?? 0))
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
