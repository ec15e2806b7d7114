import FluxFormat
import FluxStore

/// The batches that were followed, each once and in order.
struct FollowedLog: Sendable {
    private(set) var batchCount = 0
    private(set) var lastCheckpoint: FollowCheckpoint?
    /// Of each execution the times at which its batches came, and the event that comes next.
    private var executions: [ExecutionID: (times: [MonotonicTime], nextEvent: UInt64)] = [:]

    /// When each batch of an execution came.
    func times(of id: ExecutionID) -> [MonotonicTime] { executions[id]?.times ?? [] }

    @discardableResult
    mutating func take(_ item: FollowItem, at time: MonotonicTime = .now) throws -> FollowedBatch {
        guard case .batch(let batch) = item else { throw SoakFailure("following has a gap: \(item)") }
        let nextEvent = executions[batch.executionID]?.nextEvent ?? 0
        guard batch.firstEvent == nextEvent else {
            throw SoakFailure("\(batch.executionID) goes on with \(batch.firstEvent) where \(nextEvent) belongs")
        }
        guard batch.checkpoint.frameSequence > lastCheckpoint?.frameSequence ?? 0 else {
            throw SoakFailure("the batch of \(batch.executionID) comes out of order")
        }
        executions[batch.executionID, default: ([], 0)].times.append(time)
        executions[batch.executionID]?.nextEvent = nextEvent + batch.eventCount
        lastCheckpoint = batch.checkpoint
        batchCount += 1
        return batch
    }
}
