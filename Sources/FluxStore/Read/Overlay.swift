import FluxFormat
import FluxIndex

/// Frames that are durable and may not be in the index yet, by their executions.
struct Overlay: Sendable {
    private(set) var executions: [ExecutionID: [IndexedFrame]] = [:]

    /// Adds frames in the order of the log.
    mutating func add(_ frames: [IndexedFrame]) {
        for frame in frames { executions[frame.header.executionID, default: []].append(frame) }
    }

    /// Removes the oldest frames, which the index holds by now.
    mutating func remove(_ frames: [IndexedFrame]) {
        for frame in frames {
            let id = frame.header.executionID
            guard executions[id]?.first?.header.frameSequence == frame.header.frameSequence else { continue }
            if executions[id]?.count == 1 { executions[id] = nil } else { executions[id]?.removeFirst() }
        }
    }
}

extension IndexedExecution {
    /// What the index holds of an execution, if anything, and the frames behind that.
    init?(_ row: IndexedExecution?, adding frames: some Sequence<IndexedFrame>) {
        var execution = row
        for frame in frames {
            // The index may hold some of them.
            if let last = execution?.frames.last, frame.position <= last.position { continue }
            if execution == nil { execution = IndexedExecution(beginning: frame) } else { execution?.add(frame) }
        }
        guard let execution else { return nil }
        self = execution
    }
}
