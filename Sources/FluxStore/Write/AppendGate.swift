import FluxFormat
import FluxLog

/// Where tasks hand batches to the writer's thread, and wait.
struct AppendGate: Sendable {
    let queue: CommitQueue
    let completer: Completer
    /// The store's directory, for messages.
    let path: String
    /// Time for which a caller waits for room.
    let timeout: Duration
    let monitor: StoreMonitor

    /// Hands a batch in and waits until it is stored as asked, or refused.
    func submit(
        _ batch: EncodedBatch, durability: Durability, known: KnownProgress
    ) async throws(StoreError) -> BatchOutcome {
        let submission = Submission(batch: batch, durability: durability, known: known)
        try await offer(submission)
        if durability == .queued { return .stored(.zero, .queued) }
        let result = await withTaskCancellationHandler {
            await submission.wait()
        } onCancel: {
            guard queue.cancel(submission) else { return }
            completer.add([Completer.Answer(submission: submission, result: .failure(self.cancelled))])
        }
        return try result.get()
    }

    private func offer(_ submission: Submission) async throws(StoreError) {
        if Task.isCancelled { throw cancelled }
        var offer = queue.offer(submission)
        if offer == .full {
            monitor.noteQueueWait()
            offer = await waitForRoom(submission)
        }
        switch offer {
        case .taken: return
        case .closed: throw StoreError(.closed, "\(path): was closed; open it again to append")
        case .full:
            if Task.isCancelled { throw cancelled }
            monitor.noteOverload(queueByteCount: queue.byteCount)
            throw StoreError(
                .overloaded, "\(path): \(queue.byteCount) bytes wait for the disk since \(timeout); try again later")
        }
    }

    /// Waits for the batch's turn; `full` when that did not come in time.
    private func waitForRoom(_ submission: Submission) async -> CommitQueue.Offer {
        let timer = Task { [queue, timeout] in
            // Cancelled, it ends early and has nothing to do.
            guard (try? await Task.sleep(for: timeout)) != nil else { return }
            queue.expire(submission)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.waitForRoom(submission) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            queue.expire(submission)
        }
    }

    private var cancelled: StoreError {
        StoreError(.cancelled, "\(path): the task was cancelled before the writer took its batch; nothing was stored")
    }
}
