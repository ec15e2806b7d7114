import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// What a check of a whole store found.
public struct VerifyReport: Sendable, Equatable {
    /// Something that is not as it was written.
    public struct Finding: Sendable, Equatable {
        /// Where it is.
        public enum Place: String, Sendable {
            /// Bytes of the log do not verify, or files of it are missing: data is lost.
            case log
            /// The index differs from the log: delete its folder, and it comes back.
            case index
            /// A report of an earlier loss lies in the quarantine.
            case quarantine
        }

        /// Where it is.
        public let place: Place
        /// What it is and where: one line for a person.
        public let message: String
    }

    /// Segment files read.
    public internal(set) var segments = 0
    /// Frames whose hashes and chain hold.
    public internal(set) var frames = 0
    /// Executions in those frames.
    public internal(set) var executions = 0
    /// Events in those frames.
    public internal(set) var events = 0
    /// What does not hold.
    public internal(set) var findings: [Finding] = []

    /// Whether nothing was found.
    public var isClean: Bool { findings.isEmpty }
}

extension EventStore {
    /// Checks every hash, chain link, record, seal and index row. Reads all of the store and changes nothing.
    ///
    /// Calls `progress` after every frame with the share of the log that was checked, 0 to 1. Throws only where the
    /// check itself cannot go on, as when the disk fails.
    public func verify(
        reportingTo progress: (_ fraction: Double) -> Void = { _ in }
    ) async throws(StoreError) -> VerifyReport {
        let extent = extent
        var check = StoreCheck(table: table, extent: extent, storeID: storeID)
        check.checkLoss(loss)
        try check.checkDirectory(files)
        try check.checkFrames(reportingTo: progress)
        try check.checkIndex(settledIndex)
        try check.checkQuarantine(files)
        return check.report
    }
}
