import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// How much of a store is checked.
public enum VerifyDepth: Sendable {
    /// Names, headers, chain, HEAD, trailers and seals, and the index against the seals. Of sealed segments no event is
    /// read.
    case structure
    /// That and every frame, record and hash, and each seal against the frames that it tells of.
    case deep
}

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

    /// Segment files checked.
    public internal(set) var segments = 0
    /// Frames whose hashes and chain hold; of sealed segments those that the seal tells of, where only the structure was
    /// checked.
    public internal(set) var frames = 0
    /// Executions that begin in those frames.
    public internal(set) var executions = 0
    /// Events in those frames.
    public internal(set) var events = 0
    /// What does not hold.
    public internal(set) var findings: [Finding] = []

    /// Whether nothing was found.
    public var isClean: Bool { findings.isEmpty }
}

extension EventStore {
    /// Checks the store and changes nothing: its structure, or every byte of it.
    ///
    /// Calls `progress` with the share of the log that was checked, 0 to 1. Throws only where the check itself cannot go
    /// on, as when the disk fails. Memory is that of one segment's frame headers and metadata. Retention and scavenging of
    /// this process wait for it, and it for them.
    public func verify(
        _ depth: VerifyDepth = .deep, reportingTo progress: (_ fraction: Double) -> Void = { _ in }
    ) async throws(StoreError) -> VerifyReport {
        let head: LogHead?
        do throws(LogError) {
            // Before the extent, so that HEAD is not ahead of a log that goes on.
            head = try LogHead(reading: path, files: files)
        } catch {
            throw StoreError(error)
        }
        let extent = await extent(reaching: head)
        guard let lifecycle = writing?.lifecycle else { return try check(depth, extent, head, progress) }
        // What is taken out meanwhile would differ from what was read before.
        return try lifecycle.meanwhile { () throws(StoreError) in try check(depth, extent, head, progress) }
    }

    private func check(
        _ depth: VerifyDepth, _ extent: LogExtent, _ head: LogHead?, _ progress: (_ fraction: Double) -> Void
    ) throws(StoreError) -> VerifyReport {
        var check = StoreCheck(table: table, extent: extent, depth: depth)
        check.checkLoss(loss)
        // Beside another process that writes, HEAD goes on behind what this store sees.
        let isComparable = writing != nil || !StoreLock.isHeld(path, files: files)
        try check.checkDirectory(files, head: isComparable ? head : nil)
        let index = try settledIndex
        try check.checkSegments(index, reportingTo: progress)
        try check.finishIndex(index)
        try check.checkQuarantine(files)
        return check.report
    }
}

extension EventStore {
    /// Everything durable at this moment, and what HEAD says among it: the writer writes HEAD a moment before it publishes.
    /// A HEAD that stays ahead for a second says what is not so.
    private func extent(reaching head: LogHead?) async -> LogExtent {
        var extent = extent
        guard writing != nil, let end = head?.durableEnd, end.offset > SegmentHeader.byteCount else { return extent }
        for _ in 0..<1000 {
            guard end > extent.end else { break }
            // A task that is cancelled checks at once what there is.
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { break }
            extent = self.extent
        }
        return extent
    }
}
