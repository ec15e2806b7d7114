import FluxFormat
import FluxIndex
import FluxLog
import Synchronization

/// A batch on its way to the log, and the answer to it, which is given once and waited for once, in any order.
final class Submission: Sendable {
    let batch: EncodedBatch
    let durability: Durability
    /// What was known of the execution when the batch was handed in.
    let known: KnownProgress
    private let state = Mutex(State.open)

    /// Each continuation is resumed once: by who finds it here and puts the answer in its place.
    @safe
    private enum State {
        case open
        case waiting(UnsafeContinuation<SubmissionResult, Never>)
        case answered(SubmissionResult)
    }

    init(batch: EncodedBatch, durability: Durability, known: KnownProgress) {
        self.batch = batch
        self.durability = durability
        self.known = known
    }

    var byteCount: Int { batch.byteCount }

    /// What was answered, if anything was.
    var result: SubmissionResult? {
        state.withLock { state in
            if case .answered(let result) = state { result } else { nil }
        }
    }

    /// A caller that has its answer, and goes on once it is resumed, which is done once.
    @safe
    struct Caller {
        fileprivate let continuation: UnsafeContinuation<SubmissionResult, Never>
        fileprivate let result: SubmissionResult

        func resume() { unsafe continuation.resume(returning: result) }
    }

    /// Gives the answer. Who waits for it already is returned, to be resumed from a thread that blocks on nothing; with
    /// `.queued` no one ever waits.
    func answer(_ result: SubmissionResult) -> Caller? {
        state.withLock { state in
            defer { state = .answered(result) }
            guard case .waiting(let continuation) = state else { return nil }
            return unsafe Caller(continuation: continuation, result: result)
        }
    }

    /// Waits for the answer.
    func wait() async -> SubmissionResult {
        await unsafe withUnsafeContinuation { continuation in
            let given: SubmissionResult? = state.withLock { state in
                if case .answered(let result) = state { return result }
                unsafe state = .waiting(continuation)
                return nil
            }
            if let given { unsafe continuation.resume(returning: given) }
        }
    }
}

/// What a batch came to.
typealias SubmissionResult = Result<BatchOutcome, StoreError>

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
    /// The execution was deleted; nothing was stored.
    case deleted
    /// There is no such execution to be deleted.
    case unknown
    /// What was known of the execution is too old; it must be looked up again. Nothing was stored.
    case lookUpAgain
}

/// How far an execution has come, as looked up beside the writer.
struct KnownProgress: Sendable {
    /// `nil` where the execution is not known.
    var progress: ExecutionProgress?
    /// Every frame of a lower sequence is in what was looked at.
    var throughSequence: UInt64
    /// How often executions had been dropped together.
    var expiryCount = 0
    /// Whether the execution was deleted.
    var isDeleted = false
}
