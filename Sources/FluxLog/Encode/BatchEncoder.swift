package import FluxFormat

/// Cuts an execution into batches, and those into frames.
///
/// An execution of up to ``batchByteCountTarget`` raw bytes is one batch, with META once, in front. A larger one is
/// several: the first begins it as running, the last brings the whole META. The cuts depend on the events alone, not on
/// META or the size of frames, so that a retry after a crash meets the same batches.
package struct BatchEncoder: ~Copyable {
    /// Raw bytes after which a batch ends.
    package static let batchByteCountTarget = 32 << 20

    private let executionID: ExecutionID
    private let events: [Event]
    private let metadata: EncodedMetadata
    private let encoder: FrameEncoder
    private let frameByteCountTarget: Int
    /// Room that a frame of several events is given at once.
    private let reservedByteCount: Int
    private let isWhole: Bool
    /// The number of the first of ``events``: more than 0 in a part of an execution.
    private let firstEventNumber: UInt64
    private var nextEvent = 0
    /// Behind the last event of the batch.
    private var batchEnd: Int
    private var isDone = false

    /// Checks every event; throws `tooLarge` or `invalid` before anything is stored.
    package init(
        _ execution: Execution, encoder: FrameEncoder, frameByteCountTarget: Int
    ) throws(LogError) {
        guard execution.id != .none else { throw .invalid("the id of all zeros belongs to no execution") }
        var metadata = execution.metadata
        metadata.eventCount = 0
        metadata.interactionCount = 0
        metadata.kindCounts = [:]
        for event in execution.events { metadata.count(event.kind) }
        let byteCount = try Self.byteCount(of: execution.events)
        let encoded = try Self.encode(metadata)
        guard execution.events.count <= UInt32.max else {
            throw .tooLarge(what: "the execution's event count", byteCount: execution.events.count, limit: 1 << 32)
        }
        self.init(
            execution.id, execution.events, metadata: encoded, encoder: encoder,
            frameByteCountTarget: frameByteCountTarget, byteCount: byteCount,
            isWhole: byteCount <= Self.batchByteCountTarget, firstEventNumber: 0, batchEnd: 0)
    }

    private init(
        _ executionID: ExecutionID, _ events: [Event], metadata: EncodedMetadata, encoder: FrameEncoder,
        frameByteCountTarget: Int, byteCount: Int, isWhole: Bool, firstEventNumber: UInt64, batchEnd: Int
    ) {
        self.executionID = executionID
        self.events = events
        self.metadata = metadata
        self.encoder = encoder
        self.frameByteCountTarget = frameByteCountTarget
        reservedByteCount = min(byteCount, frameByteCountTarget)
        self.isWhole = isWhole
        self.firstEventNumber = firstEventNumber
        self.batchEnd = batchEnd
    }

    /// Encodes a part of an execution as one batch; throws as ``init(_:encoder:frameByteCountTarget:)``.
    package static func encode(
        _ batch: EventBatch, encoder: FrameEncoder, frameByteCountTarget: Int
    ) throws(LogError) -> EncodedBatch {
        var encoder = try BatchEncoder(part: batch, encoder: encoder, frameByteCountTarget: frameByteCountTarget)
        return encoder.part(isLast: batch.isLast)
    }

    private init(part: EventBatch, encoder: FrameEncoder, frameByteCountTarget: Int) throws(LogError) {
        guard part.executionID != .none else { throw .invalid("the id of all zeros belongs to no execution") }
        guard part.firstEvent == 0 || part.isLast || !part.events.isEmpty else {
            throw .invalid("a batch in the middle of an execution has events")
        }
        let byteCount = try Self.byteCount(of: part.events)
        let metadata = try Self.encode(part.metadata)
        let (end, isBeyond) = part.firstEvent.addingReportingOverflow(UInt64(part.events.count))
        guard !isBeyond, end <= UInt32.max else {
            throw .tooLarge(
                what: "the execution's event count", byteCount: isBeyond ? .max : Int(clamping: end), limit: 1 << 32)
        }
        self.init(
            part.executionID, part.events, metadata: metadata, encoder: encoder,
            frameByteCountTarget: frameByteCountTarget, byteCount: byteCount,
            isWhole: part.firstEvent == 0 && part.isLast, firstEventNumber: part.firstEvent,
            batchEnd: part.events.count)
    }

    /// All events as one batch.
    private mutating func part(isLast: Bool) -> EncodedBatch {
        var frames: [EncodedFrame] = []
        if firstEventNumber == 0 { appendFirstFrame(metadata, to: &frames) }
        while nextEvent < batchEnd { appendFrames(to: &frames) }
        if isLast, !isWhole { appendLastFrame(to: &frames) }
        return batch(frames, firstEvent: 0, isLast: isLast)
    }

    /// The next batch, or `nil` behind the last.
    package mutating func next() -> EncodedBatch? {
        guard !isDone else { return nil }
        let firstEvent = nextEvent
        batchEnd = endOfBatch(from: firstEvent)
        var frames: [EncodedFrame] = []
        if firstEvent == 0 { appendFirstFrame(isWhole ? metadata : EncodedMetadata(metadata.value.begun), to: &frames) }
        while nextEvent < batchEnd { appendFrames(to: &frames) }
        isDone = nextEvent == events.count
        if isDone && !isWhole { appendLastFrame(to: &frames) }
        return batch(frames, firstEvent: firstEvent, isLast: isDone)
    }

    private func batch(_ frames: consuming [EncodedFrame], firstEvent: Int, isLast: Bool) -> EncodedBatch {
        frames[0].header.flags.insert(.batchFirst)
        frames[frames.count - 1].header.flags.insert(.batchLast)
        return EncodedBatch(
            executionID: executionID, frames: frames, firstEvent: firstEventNumber + UInt64(firstEvent),
            eventCount: UInt64(nextEvent - firstEvent), isLast: isLast)
    }
}

extension BatchEncoder {
    /// Behind the event that brings a batch from `first` on to its size.
    private func endOfBatch(from first: Int) -> Int {
        guard !isWhole else { return events.count }
        var byteCount = 0
        var end = first
        while end < events.count, byteCount < Self.batchByteCountTarget {
            byteCount += FrameBuilder.byteCountMax(of: events[end], payloadByteCount: events[end].payload.count)
            end += 1
        }
        return end
    }

    /// The frame with META in front, and as many events as it takes.
    private mutating func appendFirstFrame(_ known: EncodedMetadata, to frames: inout [EncodedFrame]) {
        var builder = FrameBuilder(wallBase: metadata.value.startedAt ?? 0, byteCountMax: reservedByteCount)
        builder.appendMetadata(known.bytes)
        let eventCount = fill(&builder)
        frames.append(
            encoder.encode(
                builder, executionID: executionID,
                flags: isWhole ? [.executionFirst, .executionLast] : .executionFirst,
                firstEvent: number(of: nextEvent - eventCount), eventCount: eventCount, metadata: known))
    }

    /// The frame with the whole META behind the last event.
    private func appendLastFrame(to frames: inout [EncodedFrame]) {
        var builder = FrameBuilder(wallBase: metadata.value.startedAt ?? 0)
        builder.appendMetadata(metadata.bytes)
        frames.append(
            encoder.encode(
                builder, executionID: executionID, flags: .executionLast, firstEvent: number(of: nextEvent),
                eventCount: 0, metadata: metadata))
    }

    private func number(of event: Int) -> UInt64 { firstEventNumber + UInt64(event) }

    /// One frame of whole events, or all the frames of an event in pieces.
    private mutating func appendFrames(to frames: inout [EncodedFrame]) {
        if events[nextEvent].payload.count > FormatLimit.pieceByteCount {
            appendPieces(of: events[nextEvent], to: &frames)
            nextEvent += 1
            return
        }
        var builder = FrameBuilder(wallBase: metadata.value.startedAt ?? 0, byteCountMax: reservedByteCount)
        let eventCount = fill(&builder)
        frames.append(
            encoder.encode(
                builder, executionID: executionID, flags: [], firstEvent: number(of: nextEvent - eventCount),
                eventCount: eventCount, metadata: nil))
    }

    /// Adds events up to the target size; a frame without any takes at least one. Returns their number.
    private mutating func fill(_ builder: inout FrameBuilder) -> Int {
        let first = nextEvent
        // Named by its place each time: a copy of an event counts references.
        let events = events
        while nextEvent < batchEnd, nextEvent - first < Int(UInt16.max) {
            let payload = events[nextEvent].payload.count
            guard payload <= FormatLimit.pieceByteCount else { break }
            let grown = builder.byteCount + FrameBuilder.byteCountMax(of: events[nextEvent], payloadByteCount: payload)
            guard grown <= frameByteCountTarget || builder.recordCount == 0 else { break }
            builder.append(events[nextEvent], payload: 0..<payload, hasMorePieces: false)
            nextEvent += 1
        }
        return nextEvent - first
    }

    private func appendPieces(of event: Event, to frames: inout [EncodedFrame]) {
        var start = 0
        while start < event.payload.count {
            let end = min(start + FormatLimit.pieceByteCount, event.payload.count)
            let hasMore = end < event.payload.count
            var builder = FrameBuilder(wallBase: metadata.value.startedAt ?? 0, payloadOffset: start)
            builder.append(event, payload: start..<end, hasMorePieces: hasMore)
            frames.append(
                encoder.encode(
                    builder, executionID: executionID, flags: hasMore ? .eventContinues : [],
                    firstEvent: number(of: nextEvent), eventCount: hasMore ? 0 : 1, metadata: nil))
            start = end
        }
    }

    private static func encode(_ metadata: ExecutionMetadata) throws(LogError) -> EncodedMetadata {
        let encoded = EncodedMetadata(metadata)
        let limit = FormatLimit.descriptorByteCountMax
        guard encoded.bytes.count <= limit else {
            throw .tooLarge(what: "the execution's metadata", byteCount: encoded.bytes.count, limit: limit)
        }
        return encoded
    }

    /// Checks every event, and returns an upper bound of what they take in frames.
    private static func byteCount(of events: [Event]) throws(LogError) -> Int {
        var byteCount = 0
        for index in events.indices {
            try check(events[index], at: index)
            byteCount += FrameBuilder.byteCountMax(of: events[index], payloadByteCount: events[index].payload.count)
        }
        return byteCount
    }

    private static func check(_ event: Event, at index: Int) throws(LogError) {
        func hold(_ what: String, _ byteCount: Int, _ limit: Int) throws(LogError) {
            guard byteCount <= limit else {
                throw .tooLarge(what: "the \(what) of event \(index)", byteCount: byteCount, limit: limit)
            }
        }
        guard event.kind != .metadata else { throw .invalid("event \(index) is of the kind of metadata") }
        try hold("payload", event.payload.count, FormatLimit.eventByteCountMax)
        try hold("descriptor", event.descriptor.count, FormatLimit.descriptorByteCountMax)
        try hold("lane", event.lane.utf8.count, FormatLimit.nameByteCountMax)
        try hold("name", event.name?.utf8.count ?? 0, FormatLimit.nameByteCountMax)
    }
}

extension ExecutionMetadata {
    /// What is known when the execution has begun.
    fileprivate var begun: ExecutionMetadata {
        var known = self
        known.status = .running
        known.durationNanoseconds = nil
        known.eventCount = 0
        known.interactionCount = 0
        known.kindCounts = [:]
        return known
    }
}
