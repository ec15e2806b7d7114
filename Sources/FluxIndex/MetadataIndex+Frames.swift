package import FluxFormat

/// The first frames of an execution, and how to ask for the others.
package struct FirstFrames: Sendable, Equatable {
    /// The number of the execution in the index: the sequence of its first frame.
    package var number: Int64
    /// How many frames the index holds of it.
    package var frameCount: Int
    /// The first of them, in order.
    package var frames: [FrameLocation]
}

extension MetadataIndex {
    /// Where the first frames of an execution lie, at most `limit` and at least one; `nil` where there is none of the id.
    ///
    /// Reads the row's place alone, and none of what lists show. O(log executions + frames returned).
    package func firstFrames(of id: ExecutionID, limit: Int) throws(IndexError) -> FirstFrames? {
        let statement = try database.statement("SELECT n, frames, \(FrameLocation.columns) FROM exec WHERE id = ?1")
        return try statement.firstRow([.blob(id.bytes)]) { row throws(IndexError) in
            let number = try row.integer()
            let frameCount = Int(try row.integer())
            var first = FirstFrames(
                number: number, frameCount: frameCount, frames: [try FrameLocation(reading: &row)])
            // While this row is open, so is the transaction that it was read in: both see the same.
            if frameCount > 1 { first.frames += try frames(number: number, 1..<min(max(limit, 1), frameCount)) }
            return first
        }
    }

    /// Where frames of an execution lie, by their places in its order, the first being 0; throws where one is not there.
    package func frames(number: Int64, _ places: Range<Int>) throws(IndexError) -> [FrameLocation] {
        var frames: [FrameLocation] = []
        frames.reserveCapacity(places.count)
        if places.contains(0) {
            let statement = try database.statement("SELECT \(FrameLocation.columns) FROM exec WHERE n = ?1")
            let first = try statement.firstRow([.integer(number)]) { row throws(IndexError) in
                try FrameLocation(reading: &row)
            }
            if let first { frames.append(first) }
        }
        let statement = try database.statement(
            "SELECT \(FrameLocation.columns) FROM frame WHERE n = ?1 AND ord >= ?2 AND ord < ?3 ORDER BY ord")
        let values: [SQLiteValue] = [.integer(number), .number(places.lowerBound), .number(places.upperBound)]
        try statement.forEachRow(values) { row throws(IndexError) in
            frames.append(try FrameLocation(reading: &row))
        }
        guard frames.count == places.count else {
            throw .corrupt(
                path: database.path,
                reason: "frames \(places.lowerBound) to \(places.upperBound) of execution \(number): "
                    + "\(frames.count) are there")
        }
        return frames
    }
}
