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
        guard !overlaid.contains(where: { $0.header.frameKind == .tombstone }) else { return nil }
        let start = published?.start.sequence ?? 0
        // What began in segments that are being dropped is gone, though its row is not yet.
        if let first, UInt64(bitPattern: first.number) >= start {
            do throws(StoreError) {
                return try FrameLocations(first, adding: overlaid, of: id, in: self)
            } catch {
                // It went at this moment.
                guard error.code == .expired else { throw error }
                return nil
            }
        }
        let begun = overlaid.drop { !$0.header.flags.contains(.executionFirst) }
        return begun.isEmpty ? nil : FrameLocations(begun.map(FrameLocation.init(of:)), of: id)
    }

    /// Where frames of an execution lie that the index was found to hold, by their places in its order.
    func frames(of id: ExecutionID, number: Int64, _ places: Range<Int>) throws(StoreError) -> [FrameLocation] {
        do throws(StoreError) {
            return try source.read { (index) throws(IndexError) in try index.frames(number: number, places) }
        } catch {
            // An index that was lost meanwhile is built again. It, or the seals, know the same frames.
            guard error.code == .index else { throw error }
            guard let execution = try execution(of: id),
                Int64(bitPattern: execution.summary.firstFrameSequence) == number
            else {
                throw StoreError(.expired, "execution \(id) was deleted, or dropped by retention, while it was read")
            }
            guard execution.frames.count >= places.upperBound else { throw error }
            return Array(execution.frames[places])
        }
    }
}
