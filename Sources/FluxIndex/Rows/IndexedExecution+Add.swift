package import FluxFormat

extension IndexedExecution {
    /// What the index would hold after this frame alone.
    package init(beginning frame: IndexedFrame) {
        self.init(
            summary: ExecutionSummary(
                id: frame.header.executionID,
                metadata: ExecutionMetadata(app: "", name: "", source: "", status: .running), nextEvent: 0,
                rawByteCount: 0, storedByteCount: 0, firstFrameSequence: frame.header.frameSequence),
            tenantID: frame.header.tenantID, isFinished: false, frames: [])
        add(frame)
    }

    /// Counts a frame as the index does when it is applied.
    package mutating func add(_ frame: IndexedFrame) {
        let header = frame.header
        summary.nextEvent = max(summary.nextEvent, UInt64(header.firstEvent) + UInt64(header.eventCount))
        summary.rawByteCount &+= UInt64(header.rawByteCount)
        summary.storedByteCount &+= UInt64(header.frameByteCount)
        if header.flags.contains(.executionLast) { isFinished = true }
        if let metadata = frame.metadata { summary.metadata = metadata }
        frames.append(FrameLocation(of: frame))
    }
}

extension MetadataIndex {
    /// All that is known of one execution; `nil` when there is none of the id.
    package func execution(of id: ExecutionID) throws(IndexError) -> IndexedExecution? {
        try database.transaction(.read) { () throws(IndexError) in
            guard let row = try row(of: id) else { return nil }
            return IndexedExecution(
                summary: try summary(of: row), tenantID: row.tenantID,
                isFinished: row.progress.state.contains(.isFinished), frames: try frames(of: row))
        }
    }

    /// The token that asks for the rows behind this one.
    package func token(behind last: ExecutionSummary) -> PageToken {
        PageToken(
            storeID: store.high, startedAt: last.metadata.startedAt ?? 0, firstFrameSequence: last.firstFrameSequence)
    }
}
