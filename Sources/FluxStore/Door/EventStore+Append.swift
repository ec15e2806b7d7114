public import FluxFormat
import FluxLog

/// What an append did.
public struct AppendReceipt: Sendable, Equatable {
    /// Where the first frame of what was appended lies. For a retry, where the last frame of the execution lies that was
    /// there. `nil` where the append only waits in memory.
    public let position: Position?
    /// How well it is stored: what was asked for, or better.
    public let durability: Durability
    /// Whether every event was stored before, so that nothing was stored.
    public let isDuplicate: Bool
}

extension EventStore {
    /// Stores an execution: with `.durable`, its events survive a crash and the loss of power when this returns.
    ///
    /// An execution of up to 32 MiB is stored whole or not at all. A larger one is stored in several batches; after a
    /// crash in between, appending it again goes on where it stopped. Appending it once more stores nothing; a retry is
    /// known by its id and the number of its events. Encodes and compresses on the caller's task, and is written and
    /// synced together with what others append meanwhile. What is durable is visible to every reader, whatever durability
    /// was asked for; before, it is visible to none.
    ///
    /// A task that is cancelled before the writer has taken the batch stores nothing; later, the cancellation is ignored.
    ///
    /// Throws `tooLarge` and `invalid` before anything is stored, `noSpace` with everything stored before intact,
    /// `conflict` when another execution has the id, `overloaded`, `quotaExceeded`, `cancelled`, `readOnly`, `closed`,
    /// `poisoned`, and `durabilityUnknown` when a sync failed.
    @discardableResult
    public func append(
        _ execution: Execution, durability: Durability = .durable
    ) async throws(StoreError) -> AppendReceipt {
        let writing = try writer
        var encoder: BatchEncoder
        do throws(LogError) {
            encoder = try BatchEncoder(
                execution, encoder: FrameEncoder(storeSalt: storeSalt, tenantID: execution.tenantID),
                frameByteCountTarget: options.frameByteCountTarget)
        } catch {
            throw StoreError(StoreError(error).code, "\(path): execution \(execution.id): \(error)")
        }
        var receipt: AppendReceipt?
        while let batch = encoder.next() {
            let next = try await append(batch, durability: durability, to: writing, otherwise: .conflict)
            if let first = receipt {
                receipt = AppendReceipt(
                    position: first.isDuplicate ? next.position : first.position, durability: next.durability,
                    isDuplicate: first.isDuplicate && next.isDuplicate)
            } else {
                receipt = next
            }
        }
        guard let receipt else { preconditionFailure("an execution of no batches") }
        return receipt
    }

    /// Stores some events of an execution that is still being recorded, all of them or none.
    ///
    /// A batch is known by its execution and its first event. One that was stored before stores nothing; one that does
    /// not go on where the execution stands throws `expectedEvent` with the number that does. Behind a batch with
    /// `isLast` the execution takes no more. Otherwise as ``append(_:durability:)-(Execution,_)``.
    @discardableResult
    public func append(
        _ batch: EventBatch, durability: Durability = .durable
    ) async throws(StoreError) -> AppendReceipt {
        let writing = try writer
        let encoded: EncodedBatch
        do throws(LogError) {
            encoded = try BatchEncoder.encode(
                batch, encoder: FrameEncoder(storeSalt: storeSalt, tenantID: batch.tenantID),
                frameByteCountTarget: options.frameByteCountTarget)
        } catch {
            throw StoreError(StoreError(error).code, "\(path): execution \(batch.executionID): \(error)")
        }
        return try await append(encoded, durability: durability, to: writing, otherwise: .expectedEvent)
    }
}

extension EventStore {
    var writer: Writing {
        get throws(StoreError) {
            guard let writing else {
                throw StoreError(.readOnly, "\(path): is open for reading only; open it read-write to append")
            }
            return writing
        }
    }

    func append(
        _ batch: EncodedBatch, durability: Durability, to writing: Writing, otherwise code: StoreError.Code
    ) async throws(StoreError) -> AppendReceipt {
        guard try admit(batch, to: writing) else {
            return try await store(batch, durability: durability, in: writing, otherwise: code)
        }
        let byteCount = UInt64(batch.byteCount)
        do throws(StoreError) {
            let receipt = try await store(batch, durability: durability, in: writing, otherwise: code)
            if receipt.isDuplicate { writing.meter.giveBack(batch.tenantID, byteCount: byteCount) }
            return receipt
        } catch {
            // What may be there counts.
            if error.code != .durabilityUnknown { writing.meter.giveBack(batch.tenantID, byteCount: byteCount) }
            throw error
        }
    }

    private func store(
        _ batch: EncodedBatch, durability: Durability, in writing: Writing, otherwise code: StoreError.Code
    ) async throws(StoreError) -> AppendReceipt {
        while true {
            let known = try view.progress(of: batch.executionID, in: writing.published)
            switch try await writing.gate.submit(batch, durability: durability, known: known) {
            case .stored(let position, let reached):
                return AppendReceipt(
                    position: reached == .queued ? nil : position, durability: reached, isDuplicate: false)
            case .duplicate(let position, let reached):
                return AppendReceipt(position: position, durability: reached, isDuplicate: true)
            case .expected(let event):
                throw StoreError(
                    code,
                    "execution \(batch.executionID): the next event is \(event), not \(batch.firstEvent); "
                        + "send it from there")
            case .finished(let count):
                throw StoreError(
                    .conflict,
                    "execution \(batch.executionID) is finished with \(count) events; its id names it alone")
            case .deleted, .unknown:
                throw StoreError(.deleted, "execution \(batch.executionID) was deleted; its id takes no more events")
            case .lookUpAgain: continue
            }
        }
    }
}
