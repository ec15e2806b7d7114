package import FluxFormat

/// All that the index knows of an execution.
package struct IndexedExecution: Sendable, Equatable {
    /// The row of lists.
    package var summary: ExecutionSummary
    /// The tenant that its first frame names.
    package var tenantID: UInt32
    /// Whether its last frame is applied: it takes no more batches.
    package var isFinished: Bool
    /// Its frames, in order.
    package var frames: [FrameLocation]
}

/// How far an execution has come.
package struct ExecutionProgress: Sendable, Equatable {
    /// The number of the next event to come.
    package var nextEvent: UInt64
    /// Whether its last frame is applied: it takes no more batches.
    package var isFinished: Bool
    /// Where the last frame lies that is applied.
    package var lastFrame: Position

    /// Makes a progress.
    package init(nextEvent: UInt64, isFinished: Bool, lastFrame: Position) {
        self.nextEvent = nextEvent
        self.isFinished = isFinished
        self.lastFrame = lastFrame
    }
}

/// What a store holds, in numbers.
package struct StoreTotals: Sendable, Equatable {
    /// The number of executions.
    package var executions: UInt64
    /// The number of calls across a boundary, as the executions' metadata count them.
    package var interactions: UInt64
    /// The number of events stored.
    package var events: UInt64
    /// Bytes of frames before compression.
    package var rawBytes: UInt64
    /// Bytes of frames in the log.
    package var storedBytes: UInt64

    /// Makes totals.
    package init(
        executions: UInt64 = 0, interactions: UInt64 = 0, events: UInt64 = 0, rawBytes: UInt64 = 0,
        storedBytes: UInt64 = 0
    ) {
        self.executions = executions
        self.interactions = interactions
        self.events = events
        self.rawBytes = rawBytes
        self.storedBytes = storedBytes
    }

    /// Adds others. The sums wrap: a damaged row must not stop the program.
    mutating func add(_ other: StoreTotals) {
        executions &+= other.executions
        interactions &+= other.interactions
        events &+= other.events
        rawBytes &+= other.rawBytes
        storedBytes &+= other.storedBytes
    }
}
