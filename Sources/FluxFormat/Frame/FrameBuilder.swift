/// Collects the records of one frame and lays out its two sections. See `Events` on the format page.
package struct FrameBuilder: ~Copyable {
    private let wallBase: UInt64
    private let payloadOffset: UInt32
    private var records: [UInt8] = []
    /// Where each record's head and payload begin.
    private var offsets: [(head: UInt32, payload: UInt32)] = []
    private var strings: [String] = []
    private var stringIDs: [ExactText: UInt32] = [:]
    private var stringByteCount = 0
    private var bodies: [UInt8] = []

    /// Starts a frame of an execution that began at `wallBase`; `payloadOffset` is not 0 where record 0 goes on with an
    /// event.
    ///
    /// `byteCountMax` is an upper bound of what is added, where one is known: room for that much is made at once.
    package init(wallBase: UInt64, payloadOffset: Int = 0, byteCountMax: Int = 0) {
        self.wallBase = wallBase
        self.payloadOffset = UInt32(payloadOffset)
        bodies.reserveCapacity(byteCountMax)
        records.reserveCapacity(Self.headByteCountReserved)
        offsets.reserveCapacity(Self.recordCountReserved)
    }

    /// Room for the heads of a few events.
    private static let headByteCountReserved = 1024
    private static let recordCountReserved = 8

    package var recordCount: Int { offsets.count }

    /// Raw bytes of the frame as it stands, prologue included.
    package var byteCount: Int {
        FramePrologue.byteCount
            + wordAligned(records.count + 8 * recordCount + 4 * (strings.count + 1) + stringByteCount) + bodies.count
    }

    /// An upper bound of what the event's record, or a piece of its payload, adds.
    package static func byteCountMax(of event: Event, payloadByteCount: Int) -> Int {
        RecordFields.byteCount + wordAligned(event.descriptor.count) + wordAligned(payloadByteCount) + 24
            + event.lane.utf8.count + (event.name?.utf8.count ?? 0)
    }

    /// Adds META as record 0, as ``ExecutionMetadata/encoded``.
    package mutating func appendMetadata(_ encoded: [UInt8]) {
        precondition(recordCount == 0, "META is the first record of its frame")
        let event = Event(kind: .metadata, sequence: 0, offsetNanoseconds: 0, descriptor: encoded)
        append(event, payload: 0..<0, hasMorePieces: false)
    }

    /// Adds an event with the bytes of its payload that `payload` names.
    package mutating func append(_ event: Event, payload: Range<Int>, hasMorePieces: Bool) {
        let isFirstPiece = payload.lowerBound == 0
        offsets.append((UInt32(records.count), UInt32(bodies.count)))
        var flags = event.flags.subtracting(.hasMorePieces)
        if hasMorePieces { flags.insert(.hasMorePieces) }
        RecordFields(
            payloadLength: UInt32(payload.count), kind: event.kind.rawValue, flags: flags.rawValue,
            encoding: event.encoding.rawValue,
            laneID: event.lane.isEmpty ? RecordFields.noString : stringID(of: event.lane), sequence: event.sequence,
            issued: event.issued, done: event.done,
            offsetNanoseconds: event.offsetNanoseconds ?? RecordFields.noOffset,
            nameID: event.name.map { stringID(of: $0) } ?? RecordFields.noString,
            descriptorLength: isFirstPiece ? UInt32(event.descriptor.count) : 0
        ).append(to: &records)
        if isFirstPiece {
            records.append(contentsOf: event.descriptor)
            records.padToWord()
        }
        guard !payload.isEmpty else { return }
        unsafe event.payload.withUnsafeBytes { unsafe bodies.append(contentsOf: $0[payload]) }
        bodies.padToWord()
    }

    private mutating func stringID(of text: String) -> UInt32 {
        if let id = knownID(of: text) { return id }
        let id = UInt32(strings.count)
        if strings.count >= Self.searchedStringCountMax { stringIDs[ExactText(text: text)] = id }
        strings.append(text)
        stringByteCount += text.utf8.count
        return id
    }

    /// The first strings are compared one by one, which is quicker than hashing; the others are found by their hash.
    private func knownID(of text: String) -> UInt32? {
        let first = strings.prefix(Self.searchedStringCountMax).firstIndex {
            ExactText(text: $0) == ExactText(text: text)
        }
        if let first { return UInt32(first) }
        return stringIDs.isEmpty ? nil : stringIDs[ExactText(text: text)]
    }

    private static let searchedStringCountMax = 8

    /// Ends the frame: its two sections and the prologue, in which only the stored sizes are open.
    package consuming func finish() -> (prologue: FramePrologue, heads: [UInt8], bodies: [UInt8]) {
        records.reserveCapacity(records.count + 8 * recordCount + 4 * (strings.count + 1) + stringByteCount)
        let offsetsAt = records.count
        for offset in offsets { records.append(littleEndian: offset.head) }
        for offset in offsets { records.append(littleEndian: offset.payload) }
        let stringsAt = records.count
        var offset: UInt32 = 0
        for string in strings {
            records.append(littleEndian: offset)
            offset += UInt32(string.utf8.count)
        }
        records.append(littleEndian: offset)
        for string in strings { records.append(contentsOf: string.utf8) }
        let prologue = FramePrologue(
            wallBase: wallBase, headsRaw: UInt32(records.count), bodiesRaw: UInt32(bodies.count),
            recordCount: UInt32(recordCount), offsetsAt: UInt32(offsetsAt), stringsAt: UInt32(stringsAt),
            stringCount: UInt32(strings.count), payloadOffset: payloadOffset)
        return (prologue, records, bodies)
    }
}

/// A text that is equal to no other spelling of itself: `String` takes canonically equivalent ones for the same.
private struct ExactText: Hashable {
    let text: String

    static func == (first: ExactText, second: ExactText) -> Bool {
        first.text.utf8.count == second.text.utf8.count && first.text.utf8.elementsEqual(second.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
