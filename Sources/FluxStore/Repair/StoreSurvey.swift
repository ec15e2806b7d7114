import FluxFiles
package import FluxFormat
import FluxIndex
import FluxLog

/// What a store has and what it lacks, found by reading all of it and writing nothing.
package struct StoreSurvey: Sendable {
    /// Bytes that hold no batch that verifies.
    package struct Loss: Sendable {
        package internal(set) var path: String
        /// The first byte; 0 for a segment of which nothing can be read.
        package internal(set) var start: Int
        /// Behind the last byte; `nil` where it is not known.
        package internal(set) var end: Int?
        /// Frames that are lost; `nil` where nothing tells it.
        package internal(set) var frameCount: UInt64?
        package internal(set) var reason: String
        /// Executions that it hits, as far as something names them.
        package internal(set) var executions: Set<ExecutionID> = []
        /// Whether a seal or an index names all of them.
        package internal(set) var isNamed = false
        /// An unfinished write at the end of the log, which no one was promised.
        package internal(set) var isTorn = false
    }

    /// A segment and what was found in it.
    package struct Segment: Sendable {
        package enum State: String, Sendable {
            case sealed, active, damaged, missing
        }

        package let number: UInt32
        package let path: String
        package internal(set) var state: State
        package internal(set) var byteCount = 0
        /// Frames of whole batches.
        package internal(set) var frameCount = 0
        /// Events in those frames.
        package internal(set) var eventCount: UInt64 = 0
        package internal(set) var losses: [Loss] = []
        /// Executions that were deleted, by the tombstones in it or by what its seal says of them.
        var deleted: Set<ExecutionID> = []
        /// Behind the last whole batch.
        var endOfBatches = 0
    }

    /// What something says of the log's end.
    package struct Promise: Sendable {
        /// What says it.
        package let source: String
        package let end: Position
        package let nextFrameSequence: UInt64
    }

    package internal(set) var segments: [Segment] = []
    /// What HEAD and the index promise.
    package internal(set) var promises: [Promise] = []
    /// What does not fit together.
    package internal(set) var damage: [String] = []

    /// What is lost, an unfinished write left out.
    package var losses: [Loss] { segments.flatMap(\.losses).filter { !$0.isTorn } }

    /// Whether everything that was ever promised is there.
    package var isWhole: Bool { losses.isEmpty && damage.isEmpty }

    /// The executions of which something is lost, sorted.
    package var executions: [ExecutionID] {
        losses.reduce(into: Set()) { $0.formUnion($1.executions) }.sorted()
    }

    /// Why the tail cannot be cut; `nil` where it can.
    package var obstacleToCut: String? {
        guard let last = segments.last(where: { $0.state != .missing }) else { return "there is no segment" }
        for segment in segments where segment.number < last.number {
            if let loss = segment.losses.first { return "\(loss.path): \(loss.reason)" }
        }
        guard last.state == .sealed || last.state == .active else {
            return last.losses.first.map { "\($0.path): \($0.reason)" } ?? "\(last.path): is damaged"
        }
        if last.state == .sealed, let loss = last.losses.first {
            return "\(loss.path): \(loss.reason); the segment is sealed"
        }
        guard let loss = last.losses.dropLast().first ?? last.losses.first(where: { !$0.isAtEnd(of: last) }) else {
            return nil
        }
        return "\(loss.path): \(loss.reason); whole batches stand behind it"
    }
}

extension StoreSurvey.Loss {
    /// Whether no batch follows in its segment.
    fileprivate func isAtEnd(of segment: StoreSurvey.Segment) -> Bool { end.map { $0 >= segment.endOfBatches } ?? true }

    /// As a line for a person.
    package var line: String {
        let range = end.map { "bytes \(start)..<\($0)" } ?? "from byte \(start) on"
        let frames = frameCount.map { ", \($0) frames" } ?? ""
        return "\(path): \(range)\(frames): \(reason)"
    }
}
