import FluxFiles
import FluxFormat
import FluxIndex

extension IndexView {
    /// Where the frames of an execution lie, as of everything published before; `nil` where there is none of the id.
    ///
    /// Reads of the index no more than a cursor needs. O(log executions).
    func locations(of id: ExecutionID) throws(StoreError) -> FrameLocations<Files>? {
        guard !(published?.isCatchingUp ?? false) else {
            return try execution(of: id).map { FrameLocations($0.frames, of: id) }
        }
        try waitForRebuild()
        // In this order: what leaves the overlay stands in the index by then.
        let overlaid = published?.frames(of: id) ?? []
        let first = try source.read { (index) throws(IndexError) in
            try index.firstFrames(of: id, limit: FrameLocations<Files>.pageFrameCount)
        }
        if let first { return try FrameLocations(first, adding: overlaid, of: id, in: self) }
        return overlaid.isEmpty ? nil : FrameLocations(overlaid.map(FrameLocation.init(of:)), of: id)
    }

    /// Where frames of an execution lie that the index was found to hold, by their places in its order.
    func frames(of id: ExecutionID, number: Int64, _ places: Range<Int>) throws(StoreError) -> [FrameLocation] {
        do throws(StoreError) {
            return try source.read { (index) throws(IndexError) in try index.frames(number: number, places) }
        } catch {
            // An index that was lost meanwhile is built again. It, or the seals, know the same frames.
            guard error.code == .index, let all = try execution(of: id)?.frames, all.count >= places.upperBound else {
                throw error
            }
            return Array(all[places])
        }
    }
}
