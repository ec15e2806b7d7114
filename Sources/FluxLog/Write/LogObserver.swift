package import FluxFiles

/// Is told what a log does that takes time, and what befalls it.
///
/// Called on the thread that the log is worked from, with no lock held. ``begin(_:)`` and ``end(_:)`` take turns.
package protocol LogObserver: Sendable {
    /// The writer begins to wait for the disk.
    func begin(_ step: LogStep)
    /// The writer goes on, whatever came of it.
    func end(_ step: LogStep)
    /// Something has happened that is no error of a call.
    func note(_ incident: LogIncident)
}

/// What a writer waits for.
package enum LogStep: String, Sendable, CaseIterable {
    /// A sync of the active segment.
    case sync
    /// Sealing a segment and beginning the next; of an empty log the latter alone.
    case roll
}

/// What befalls a log.
package enum LogIncident: Sendable {
    /// An unfinished write was cut off.
    case recovered(LogRecovery)
    /// The log was opened with no room to put right what was found.
    case openedWithoutRoom
    /// The file of a segment was asked for ahead of time, and was not ready when it was needed.
    case spareMissing(segment: UInt32)
    /// The room that was kept for a full disk was freed.
    case ballastReleased
    /// A job beside the commits failed.
    case jobFailed(IOError)
}

extension (any LogObserver)? {
    /// Tells of a step while it is done.
    func during<Failure: Error>(_ step: LogStep, _ body: () throws(Failure) -> Void) throws(Failure) {
        self?.begin(step)
        defer { self?.end(step) }
        try body()
    }
}
