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
            // Numbers that the transaction gave to texts are gone with it.
            texts = TextCache()
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
        var values: [SQLiteValue] = [
            .integer(number), .blob(header.executionID.bytes), .number(header.tenantID),
        ]
        values += try self.values(of: frame.metadata?.value ?? unknown)
        values += progress.values
        values += FrameLocation(of: frame).values
        try database.run(ExecutionRow.insertStatement, values)
        try insertTags(frame.metadata?.value.tags ?? [:], of: number)
    }

    private func append(_ frame: IndexedFrame, to number: Int64, _ progress: RowProgress) throws(IndexError) {
        var values: [SQLiteValue] = [.integer(number), .integer(progress.frameCount)]
        values += FrameLocation(of: frame).values
        try database.run(FrameLocation.insertStatement, values)
        var progress = progress
        progress.add(frame)
        try database.run(RowProgress.updateStatement, [.integer(number)] + progress.values)
        if let metadata = frame.metadata?.value {
            try database.run(Self.metadataUpdateStatement, [.integer(number)] + self.values(of: metadata))
            try database.run("DELETE FROM tag WHERE n = ?1", [.integer(number)])
            try insertTags(metadata.tags, of: number)
        }
    }

    private func insertTags(_ tags: [String: String], of number: Int64) throws(IndexError) {
        // In one order, so that a rebuild gives texts the same numbers.
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
            let values: [SQLiteValue] = [
                .integer(number), .integer(try makeNumber(of: key, kind: .tagKey)), .text(value),
            ]
            try database.run("INSERT INTO tag(n, k, v) VALUES(?1, ?2, ?3)", values)
        }
    }

    private func write(_ applied: AppliedPosition) throws(IndexError) {
        let update = "UPDATE meta SET v = ?2 WHERE k = ?1"
        try database.run(update, [.text(MetaKey.appliedPosition), .bits(applied.position.rawValue)])
        try database.run(update, [.text(MetaKey.appliedSequence), .bits(applied.nextFrameSequence)])
    }
}
