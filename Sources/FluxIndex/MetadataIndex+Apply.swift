import FluxFormat

extension MetadataIndex {
    /// Applies frames of events and tombstones in the order of the log, and says up to where the log is applied, in one
    /// transaction.
    ///
    /// A frame that is applied already is passed over, so applying a part of the log again changes nothing.
    /// Any order of frames that a log can hold gives rows: the first frame of an execution that is met makes
    /// its row, whatever its flags; the latest metadata replaces the earlier. `through` may end behind the
    /// last frame, where frames of other kinds follow, and never takes back what is applied.
    ///
    /// On return readers see the rows. They survive a crash of the process; after a loss of power, some of
    /// the last transactions may be missing, each of them whole: ``applied`` tells where to go on. On an
    /// error nothing of the call is applied. Frames that do not ascend give
    /// ``IndexError/failed(path:reason:)``.
    package func apply(_ frames: [IndexedFrame], through: AppliedPosition) throws(IndexError) {
        precondition(access == .readWrite, "frames applied by a reader")
        do throws(IndexError) {
            try database.transaction(.write) { () throws(IndexError) in
                let before = try applied.nextFrameSequence
                let isCut = try firstSequence > 0
                var last: UInt64?
                for frame in frames {
                    let sequence = frame.header.frameSequence
                    precondition(frame.header.isOfExecution, "only frames of executions are applied")
                    guard last.map({ $0 < sequence }) ?? true, sequence < through.nextFrameSequence else {
                        throw .failed(path: database.path, reason: "frame \(sequence) is out of order")
                    }
                    last = sequence
                    if sequence >= before { try apply(frame, isCut: isCut) }
                }
                if through.nextFrameSequence >= before { try write(through) }
            }
        } catch {
            // Numbers that the transaction gave to texts and facets are gone with it.
            texts = TextCache()
            facets = FacetCache()
            throw error
        }
    }
}

extension MetadataIndex {
    /// `isCut` tells that the front of the log was dropped.
    private func apply(_ frame: IndexedFrame, isCut: Bool) throws(IndexError) {
        guard frame.header.frameKind == .events else { return try bury(frame) }
        let known = try database.statement("SELECT n, \(RowProgress.columns) FROM exec WHERE id = ?1")
            .firstRow([.blob(frame.header.executionID.bytes)]) { row throws(IndexError) in
                (number: try row.integer(), progress: try RowProgress(reading: &row))
            }
        if let known {
            try append(frame, to: known.number, known.progress)
        } else if !isCut || frame.header.flags.contains(.executionFirst) {
            // Else its execution began in what was dropped, and is gone as a whole.
            try insert(frame)
        }
    }

    private func insert(_ frame: IndexedFrame) throws(IndexError) {
        let header = frame.header
        let number = Int64(bitPattern: header.frameSequence)
        var progress = RowProgress()
        progress.add(frame)
        let unknown = ExecutionMetadata(app: "", name: "", source: "", status: .running)
        let metadata = try MetadataValues(of: frame.metadata?.value ?? unknown, tenantID: header.tenantID, in: self)
        var values: [SQLiteValue] = [.integer(number), .blob(header.executionID.bytes)]
        values += metadata.values
        values += progress.values
        values += FrameLocation(of: frame).values
        try database.run(ExecutionRow.insertStatement, values)
        try insertEntries(metadata.keys, of: number)
    }

    private func append(_ frame: IndexedFrame, to number: Int64, _ progress: RowProgress) throws(IndexError) {
        var values: [SQLiteValue] = [.integer(number), .integer(progress.frameCount)]
        values += FrameLocation(of: frame).values
        try database.run(FrameLocation.insertStatement, values)
        var progress = progress
        progress.add(frame)
        try database.run(RowProgress.updateStatement, [.integer(number)] + progress.values)
        if let metadata = frame.metadata?.value {
            let tenantID = try facet(deleteEntries(of: number)).tenantID
            let metadata = try MetadataValues(of: metadata, tenantID: tenantID, in: self)
            try database.run(MetadataValues.updateStatement, [.integer(number)] + metadata.values)
            try insertEntries(metadata.keys, of: number)
        }
    }

    private func write(_ applied: AppliedPosition) throws(IndexError) {
        let update = "UPDATE meta SET v = ?2 WHERE k = ?1"
        try database.run(update, [.text(MetaKey.appliedPosition), .bits(applied.position.rawValue)])
        try database.run(update, [.text(MetaKey.appliedSequence), .bits(applied.nextFrameSequence)])
    }
}
