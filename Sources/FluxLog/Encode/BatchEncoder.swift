package import FluxFormat

/// Cuts an execution into batches, and those into frames.
///
/// An execution of up to ``batchByteCountTarget`` raw bytes is one batch, with META once, in front. A larger one is
/// several: the first begins it as running, the last brings the whole META. The cuts depend on the events alone, not on
/// META or the size of frames, so that a retry after a crash meets the same batches.
package struct BatchEncoder {
    /// Raw bytes after which a batch ends.
    package static let batchByteCountTarget = 32 << 20

    private let execution: Execution
    private let metadata: EncodedMetadata
    private let encoder: FrameEncoder
    private let frameByteCountTarget: Int
    /// Room that a frame of several events is given at once.
    private let reservedByteCount: Int
    private let isWhole: Bool
    /// The number of the first of ``execution``'s events: more than 0 in a part of an execution.
    private let firstEventNumber: UInt64
    private var nextEvent = 0
    /// Behind the last event of the batch.
    private var batchEnd = 0
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
        var byteCount = 0
        for (index, event) in execution.events.enumerated() {
            try Self.check(event, at: index)
            metadata.count(event.kind)
            byteCount += FrameBuilder.byteCountMax(of: event, payloadByteCount: event.payload.count)
        }
        self.metadata = try Self.encode(metadata)
        guard execution.events.count <= UInt32.max else {
            throw .tooLarge(what: "the execution's event count", byteCount: execution.events.count, limit: 1 << 32)
        }
        self.execution = execution
        reservedByteCount = min(byteCount, frameByteCountTarget)
        self.encoder = encoder
        self.frameByteCountTarget = frameByteCountTarget
        isWhole = byteCount <= Self.batchByteCountTarget
        firstEventNumber = 0
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
        var byteCount = 0
        for (index, event) in part.events.enumerated() {
            try Self.check(event, at: index)
            byteCount += FrameBuilder.byteCountMax(of: event, payloadByteCount: event.payload.count)
        }
        metadata = try Self.encode(part.metadata)
        reservedByteCount = min(byteCount, frameByteCountTarget)
        let (end, isBeyond) = part.firstEvent.addingReportingOverflow(UInt64(part.events.count))
        guard !isBeyond, end <= UInt32.max else {
            throw .tooLarge(
                what: "the execution's event count", byteCount: isBeyond ? .max : Int(clamping: end), limit: 1 << 32)
        }
        execution = Execution(id: part.executionID, metadata: part.metadata, events: part.events)
        self.encoder = encoder
        self.frameByteCountTarget = frameByteCountTarget
        isWhole = part.firstEvent == 0 && part.isLast
        firstEventNumber = part.firstEvent
        batchEnd = part.events.count
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
        isDone = nextEvent == execution.events.count
        if isDone && !isWhole { appendLastFrame(to: &frames) }
        return batch(frames, firstEvent: firstEvent, isLast: isDone)
    }

    private func batch(_ frames: consuming [EncodedFrame], firstEvent: Int, isLast: Bool) -> EncodedBatch {
        frames[0].header.flags.insert(.batchFirst)
        frames[frames.count - 1].header.flags.insert(.batchLast)
        return EncodedBatch(
            executionID: execution.id, frames: frames, firstEvent: firstEventNumber + UInt64(firstEvent),
            eventCount: UInt64(nextEvent - firstEvent), isLast: isLast)
    }
}

extension BatchEncoder {
    /// Behind the event that brings a batch from `first` on to its size.
    private func endOfBatch(from first: Int) -> Int {
        guard !isWhole else { return execution.events.count }
        var byteCount = 0
        var end = first
        while end < execution.events.count, byteCount < Self.batchByteCountTarget {
            let event = execution.events[end]
            byteCount += FrameBuilder.byteCountMax(of: event, payloadByteCount: event.payload.count)
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
                builder, executionID: execution.id,
                flags: isWhole ? [.executionFirst, .executionLast] : .executionFirst,
                firstEvent: number(of: nextEvent - eventCount), eventCount: eventCount, metadata: known))
    }

    /// The frame with the whole META behind the last event.
    private func appendLastFrame(to frames: inout [EncodedFrame]) {
        var builder = FrameBuilder(wallBase: metadata.value.startedAt ?? 0)
        builder.appendMetadata(metadata.bytes)
        frames.append(
            encoder.encode(
                builder, executionID: execution.id, flags: .executionLast, firstEvent: number(of: nextEvent),
                eventCount: 0, metadata: metadata))
    }

    private func number(of event: Int) -> UInt64 { firstEventNumber + UInt64(event) }

    /// One frame of whole events, or all the frames of an event in pieces.
    private mutating func appendFrames(to frames: inout [EncodedFrame]) {
        let event = execution.events[nextEvent]
        if event.payload.count > FormatLimit.pieceByteCount {
            appendPieces(of: event, to: &frames)
            nextEvent += 1
            return
        }
        var builder = FrameBuilder(wallBase: metadata.value.startedAt ?? 0, byteCountMax: reservedByteCount)
        let eventCount = fill(&builder)
        frames.append(
            encoder.encode(
                builder, executionID: execution.id, flags: [], firstEvent: number(of: nextEvent - eventCount),
                eventCount: eventCount, metadata: nil))
    }

    /// Adds events up to the target size; a frame without any takes at least one. Returns their number.
    private mutating func fill(_ builder: inout FrameBuilder) -> Int {
        let first = nextEvent
        while nextEvent < batchEnd, nextEvent - first < Int(UInt16.max) {
            let event = execution.events[nextEvent]
            let payload = event.payload.count
            guard payload <= FormatLimit.pieceByteCount else { break }
            let grown = builder.byteCount + FrameBuilder.byteCountMax(of: event, payloadByteCount: payload)
            guard grown <= frameByteCountTarget || builder.recordCount == 0 else { break }
            builder.append(event, payload: 0..<payload, hasMorePieces: false)
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
                    builder, executionID: execution.id, flags: hasMore ? .eventContinues : [],
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

    private static func check(_ event: Event, at index: Int) throws(LogError) {
        // The words are put together for an event that is refused, and for no other.
        func hold(_ what: @autoclosure () -> String, _ byteCount: Int, _ limit: Int) throws(LogError) {
            guard byteCount <= limit else { throw .tooLarge(what: what(), byteCount: byteCount, limit: limit) }
        }
        guard event.kind != .metadata else { throw .invalid("event \(index) is of the kind of metadata") }
        try hold("the payload of event \(index)", event.payload.count, FormatLimit.eventByteCountMax)
        try hold("the descriptor of event \(index)", event.descriptor.count, FormatLimit.descriptorByteCountMax)
        try hold("the lane of event \(index)", event.lane.utf8.count, FormatLimit.nameByteCountMax)
        try hold("the name of event \(index)", event.name?.utf8.count ?? 0, FormatLimit.nameByteCountMax)
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
