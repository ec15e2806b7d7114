import FluxFormat

/// A row of the table `exec`.
struct ExecutionRow {
    /// The sequence of the execution's first frame: the same number after every rebuild.
    var number: Int64
    var id: ExecutionID
    var tenantID: UInt32
    var metadata: ExecutionMetadata
    var progress: RowProgress
    var firstFrame: FrameLocation

    /// The columns in the order in which rows are read.
    static let columns =
        "n, id, \(MetadataValues.columns), \(RowProgress.columns), \(FrameLocation.columns)"

    static let byNumberStatement = "SELECT \(columns) FROM exec WHERE n = ?1"
    static let insertStatement = "INSERT INTO exec(\(columns)) VALUES(\(places(1...24)))"
}

/// Places for values in the text of a statement.
func places(_ numbers: ClosedRange<Int>) -> String { numbers.map { "?\($0)" }.joined(separator: ", ") }

/// What every frame of an execution moves on.
struct RowProgress {
    var state: RowState
    var nextEvent: UInt64
    var rawByteCount: UInt64
    var storedByteCount: UInt64
    var frameCount: Int64

    static let columns = "state, next_event, raw_bytes, stored_bytes, frames"
    static let updateStatement = "UPDATE exec SET (\(columns)) = (\(places(2...6))) WHERE n = ?1"

    /// The progress before the first frame.
    init() {
        state = []
        nextEvent = 0
        rawByteCount = 0
        storedByteCount = 0
        frameCount = 0
    }

    /// Reads ``columns``.
    init(reading row: inout SQLiteRow) throws(IndexError) {
        let stored: UInt8 = try row.number()
        guard stored < 4 else { throw row.damage("state \(stored)") }
        state = RowState(stored: stored)
        nextEvent = try row.bits()
        rawByteCount = try row.bits()
        storedByteCount = try row.bits()
        frameCount = try row.integer()
    }

    /// The values of ``columns``.
    var values: [SQLiteValue] {
        [
            .number(state.stored), .bits(nextEvent), .bits(rawByteCount), .bits(storedByteCount),
            .integer(frameCount),
        ]
    }

    /// Counts a frame. The sums wrap: a damaged row must not stop the program.
    mutating func add(_ frame: IndexedFrame) {
        let header = frame.header
        nextEvent = max(nextEvent, UInt64(header.firstEvent) + UInt64(header.eventCount))
        rawByteCount &+= UInt64(header.rawByteCount)
        storedByteCount &+= UInt64(header.frameByteCount)
        frameCount &+= 1
        if header.flags.contains(.executionLast) { state.insert(.isFinished) }
        if let metadata = frame.metadata {
            if metadata.value.startedAt == nil { state.remove(.hasStart) } else { state.insert(.hasStart) }
        }
    }
}

extension FrameLocation {
    static let columns = "seg, gen, off, len, first_ev, cnt, hash"
    static let insertStatement = "INSERT INTO frame(n, ord, \(columns)) VALUES(\(places(1...9)))"

    /// Reads ``columns``.
    init(reading row: inout SQLiteRow) throws(IndexError) {
        let segment: UInt32 = try row.number()
        let generation: UInt32 = try row.number()
        let offset: UInt32 = try row.number()
        let byteCount: UInt32 = try row.number()
        self.init(
            position: Position(segment: segment, offset: Int(offset)), generation: generation,
            byteCount: Int(byteCount), headerHash: 0, firstEvent: try row.number(),
            eventCount: try row.number())
        headerHash = try row.bits()
    }

    /// The values of ``columns``.
    var values: [SQLiteValue] {
        [
            .number(position.segment), .number(generation), .number(position.offset), .number(byteCount),
            .number(firstEvent), .number(eventCount), .bits(headerHash),
        ]
    }
}

extension ExecutionID {
    /// Reads the sixteen bytes of an id.
    init(reading row: inout SQLiteRow) throws(IndexError) {
        let bytes = try row.blob()
        guard bytes.count == 16 else { throw row.damage("an id of \(bytes.count) bytes") }
        self.init(loading: bytes.rawSpan, at: 0)
    }
}
