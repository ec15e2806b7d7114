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
        if let metadata = frame.metadata { summary.metadata = metadata.value }
        frames.append(FrameLocation(of: frame))
    }
}

extension ExecutionProgress {
    /// Where an execution stands behind its frames; `nil` where it has none.
    package init?(_ execution: IndexedExecution) {
        guard let last = execution.frames.last else { return nil }
        self.init(
            nextEvent: execution.summary.nextEvent, isFinished: execution.isFinished, lastFrame: last.position)
    }

    /// Where an execution stands behind one more frame; `nil` is one that is not known yet.
    package init(_ progress: ExecutionProgress?, adding frame: IndexedFrame) {
        let end = UInt64(frame.header.firstEvent) + UInt64(frame.header.eventCount)
        self.init(
            nextEvent: max(progress?.nextEvent ?? 0, end),
            isFinished: (progress?.isFinished ?? false) || frame.header.flags.contains(.executionLast),
            lastFrame: frame.position)
    }
}

extension MetadataIndex {
    /// All that is known of one execution; `nil` when there is none of the id.
    package func execution(of id: ExecutionID) throws(IndexError) -> IndexedExecution? {
        try database.transaction(.read) { () throws(IndexError) in
            guard let row = try row(of: id) else { return nil }
            return try execution(of: row)
        }
    }
}
