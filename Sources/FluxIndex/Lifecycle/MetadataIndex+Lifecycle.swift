package import FluxFormat

/// Executions that go: by age, by hand, and those that move.
extension MetadataIndex {
    /// The sequence at which the log begins; 0 where nothing was dropped.
    package var firstSequence: UInt64 {
        get throws(IndexError) {
            let statement = try database.statement("SELECT v FROM meta WHERE k = ?1")
            let found = try statement.firstRow([.text(MetaKey.firstSequence)]) { row throws(IndexError) in
                try row.bits()
            }
            return found ?? 0
        }
    }

    /// Removes every execution of which the first frame has a lower sequence, and what is remembered of deletions before
    /// it. Returns how many executions that were.
    ///
    /// From the first transaction on, frames of executions that began before it are passed over by
    /// ``apply(_:through:)``. Each transaction takes `chunkCount` executions, so that others come in between; called
    /// again, it goes on. O(executions removed).
    @discardableResult
    package func expire(below sequence: UInt64, chunkCount: Int = 1000) throws(IndexError) -> Int {
        precondition(access == .readWrite, "executions removed by a reader")
        let floor = Int64(bitPattern: sequence)
        try database.transaction(.write) { () throws(IndexError) in
            guard try firstSequence < sequence else { return }
            try put(MetaKey.firstSequence, .integer(floor))
            try database.run("DELETE FROM dead WHERE seq < ?1", [.integer(floor)])
        }
        var count = 0
        while true {
            let removed = try database.transaction(.write) { () throws(IndexError) in
                let numbers = try database.statement("SELECT n FROM exec WHERE n < ?1 ORDER BY n LIMIT ?2")
                    .rows([.integer(floor), .number(chunkCount)]) { row throws(IndexError) in try row.integer() }
                for number in numbers { try remove(number) }
                return numbers.count
            }
            count += removed
            if removed < chunkCount { return count }
        }
    }

    /// How many executions ``expire(below:chunkCount:)`` would remove. O(those).
    package func count(below sequence: UInt64) throws(IndexError) -> Int {
        Int(try database.integer("SELECT count(*) FROM exec WHERE n < ?1", [.bits(sequence)]) ?? 0)
    }

    /// Whether an execution was deleted.
    package func isDead(_ id: ExecutionID) throws(IndexError) -> Bool {
        try database.integer("SELECT 1 FROM dead WHERE id = ?1", [.blob(id.bytes)]) != nil
    }

    /// The greatest id that was deleted; `nil` where there is none. O(log deletions).
    package func greatestDeadID() throws(IndexError) -> ExecutionID? {
        let statement = try database.statement("SELECT id FROM dead ORDER BY id DESC LIMIT 1")
        return try statement.firstRow([]) { row throws(IndexError) in try ExecutionID(reading: &row) }
    }

    /// The executions that were deleted, and the segments of their tombstones. O(deletions).
    package func deadExecutions() throws(IndexError) -> [(id: ExecutionID, segment: UInt32)] {
        let statement = try database.statement("SELECT id, seg FROM dead ORDER BY seq")
        return try statement.rows([]) { row throws(IndexError) in
            (id: try ExecutionID(reading: &row), segment: try row.number())
        }
    }

    /// Removes the row of an execution and remembers that it was deleted. Inside of a transaction that writes.
    func bury(_ tombstone: IndexedFrame) throws(IndexError) {
        let id = tombstone.header.executionID
        let number = try database.integer("SELECT n FROM exec WHERE id = ?1", [.blob(id.bytes)])
        if let number { try remove(number) }
        let values: [SQLiteValue] = [
            .blob(id.bytes), .bits(tombstone.header.frameSequence), .number(tombstone.position.segment),
        ]
        try database.run("INSERT OR IGNORE INTO dead(id, seq, seg, key_gone) VALUES(?1, ?2, ?3, 0)", values)
    }

    private func remove(_ number: Int64) throws(IndexError) {
        try deleteEntries(of: number)
        for table in ["exec", "frame"] {
            try database.run("DELETE FROM \(table) WHERE n = ?1", [.integer(number)])
        }
    }

    private func put(_ key: String, _ value: SQLiteValue) throws(IndexError) {
        try database.run(
            "INSERT INTO meta(k, v) VALUES(?1, ?2) ON CONFLICT(k) DO UPDATE SET v = excluded.v", [.text(key), value])
    }
}

/// Keys of deleted executions, which are kept elsewhere.
extension MetadataIndex {
    /// Deleted executions of which no one has said that their keys are destroyed, oldest deletion first. O(deletions).
    package func deadWithKeys(limit: Int) throws(IndexError) -> [ExecutionID] {
        let statement = try database.statement("SELECT id FROM dead WHERE key_gone = 0 ORDER BY seq LIMIT ?1")
        return try statement.rows([.number(max(limit, 0))]) { row throws(IndexError) in
            try ExecutionID(reading: &row)
        }
    }

    /// Notes that the key of a deleted execution is destroyed. Lost with the index: then it is destroyed again.
    package func noteKeyGone(of id: ExecutionID) throws(IndexError) {
        try database.transaction(.write) { () throws(IndexError) in
            try database.run("UPDATE dead SET key_gone = 1 WHERE id = ?1", [.blob(id.bytes)])
        }
    }
}

/// Segments that are written anew.
extension MetadataIndex {
    /// The generation of a segment that its rows are of.
    package func generation(of segment: UInt32) throws(IndexError) -> UInt32 {
        let key = MetaKey.generation + String(segment)
        let statement = try database.statement("SELECT v FROM meta WHERE k = ?1")
        return try statement.firstRow([.text(key)]) { row throws(IndexError) in try row.number() } ?? 0
    }

    /// Gives the rows of a segment the places that its frames have in another generation, in one transaction.
    ///
    /// `frames` are all frames of events and tombstones of that generation, in order. Throws ``IndexError/corrupt(path:reason:)`` where
    /// the rows have other frames: then the index is to be built anew.
    package func move(_ frames: [IndexedFrame], of segment: UInt32, to generation: UInt32) throws(IndexError) {
        precondition(access == .readWrite, "frames moved by a reader")
        var byExecution: [ExecutionID: [IndexedFrame]] = [:]
        for frame in frames where frame.header.frameKind == .events {
            byExecution[frame.header.executionID, default: []].append(frame)
        }
        try database.transaction(.write) { () throws(IndexError) in
            for (id, frames) in byExecution {
                let number = try database.integer("SELECT n FROM exec WHERE id = ?1", [.blob(id.bytes)])
                // Frames without a row are of an execution that retention has dropped.
                if let number { try move(frames, ofRow: number, id: id, segment: segment) }
            }
            try put(MetaKey.generation + String(segment), .number(generation))
        }
    }

    private func move(
        _ frames: [IndexedFrame], ofRow number: Int64, id: ExecutionID, segment: UInt32
    ) throws(IndexError) {
        var rest = frames.filter { Int64(bitPattern: $0.header.frameSequence) >= number }[...]
        if let first = rest.first, Int64(bitPattern: first.header.frameSequence) == number {
            rest = rest.dropFirst()
            try database.run(
                "UPDATE exec SET (\(FrameLocation.columns)) = (\(places(2...8))) WHERE n = ?1",
                [.integer(number)] + FrameLocation(of: first).values)
        }
        let statement = try database.statement("SELECT ord FROM frame WHERE n = ?1 AND seg = ?2 ORDER BY ord")
        let ordinals = try statement.rows([.integer(number), .number(segment)]) { row throws(IndexError) in
            try row.integer()
        }
        guard ordinals.count == rest.count else {
            throw .corrupt(
                path: database.path,
                reason: "\(id) has \(ordinals.count) frames in segment \(segment), where \(rest.count) are")
        }
        for (ordinal, frame) in zip(ordinals, rest) {
            try database.run(
                "UPDATE frame SET (\(FrameLocation.columns)) = (\(places(3...9))) WHERE n = ?1 AND ord = ?2",
                [.integer(number), .integer(ordinal)] + FrameLocation(of: frame).values)
        }
    }

    /// Overwrites texts that no execution has any more, and empties the write-ahead log, so that nothing of what was
    /// removed is left in the files. Returns whether that was possible: a reader may be in the way of it.
    ///
    /// A text keeps its number, so that what others remember of it stays right. O(executions).
    package func forgetTexts() throws(IndexError) -> Bool {
        try database.transaction(.write) { () throws(IndexError) in
            try database.run(
                """
                UPDATE OR IGNORE dim SET s = char(0) || id WHERE s IS NOT char(0) || id AND id NOT IN (\
                WITH used AS (SELECT * FROM facet WHERE id IN (SELECT facet FROM exec)) \
                SELECT app FROM used UNION SELECT name FROM used UNION SELECT source FROM used UNION \
                SELECT route FROM used UNION SELECT sdk FROM used UNION \
                SELECT fp FROM exec WHERE fp IS NOT NULL UNION SELECT k FROM tag_key)
                """)
        }
        texts = TextCache()
        facets = FacetCache()
        return try database.checkpoint(truncating: true)
    }
}
