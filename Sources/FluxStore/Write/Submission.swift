import FluxFormat
import FluxIndex
import FluxLog

/// A batch on its way to the log.
struct Submission: Sendable {
    /// Names it while it waits.
    let id: UInt64
    let batch: EncodedBatch
    let durability: Durability
    /// What was known of the execution when the batch was handed in.
    let known: KnownProgress
    /// Called once, from a thread that blocks on nothing; with `.queued` the caller does not wait for it.
    let completion: @Sendable (Result<BatchOutcome, StoreError>) -> Void

    var byteCount: Int { batch.byteCount }
}

/// What happened to a batch.
enum BatchOutcome: Sendable, Equatable {
    /// It is stored, and has this durability at least.
    case stored(Position, Durability)
    /// Every event of it was stored before, where the position says, and has this durability at least.
    case duplicate(Position, Durability)
    /// The execution goes on with another event; nothing was stored.
    case expected(UInt64)
    /// The execution has ended, with so many events; nothing was stored.
    case finished(UInt64)
    /// What was known of the execution is too old; it must be looked up again. Nothing was stored.
    case lookUpAgain
}

/// How far an execution has come, as looked up beside the writer.
struct KnownProgress: Sendable {
    /// `nil` where the execution is not known.
    var progress: ExecutionProgress?
    /// Every frame of a lower sequence is in what was looked at.
    var throughSequence: UInt64
}
