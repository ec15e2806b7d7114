public import FluxFormat
import FluxLog

/// What ``EventStore/append(_:)`` did.
public struct AppendReceipt: Sendable, Equatable {
    /// Where the execution's first frame was stored; `nil` for a retry of what is there already.
    public let position: Position?

    /// Whether every event was stored before, so that nothing was stored.
    public var isDuplicate: Bool { position == nil }
}

extension EventStore {
    /// Stores an execution durably: when this returns, its events survive a crash and the loss of power.
    ///
    /// An execution of up to 32 MiB is stored whole or not at all. A larger one is stored in several batches; after a
    /// crash in between, appending it again goes on where it stopped. Appending it once more stores nothing; a retry is
    /// known by its id and the number of its events. Encodes and compresses on the caller's task.
    ///
    /// Throws `tooLarge` and `invalid` before anything is stored, `noSpace` with everything stored before intact, `conflict` when
    /// another execution has the id, `readOnly`, `closed`, `poisoned`.
    @discardableResult
    public func append(_ execution: Execution) async throws(StoreError) -> AppendReceipt {
        guard let writing else {
            throw StoreError(.readOnly, "\(path): is open for reading only; open it read-write to append")
        }
        var encoder: BatchEncoder
        do throws(LogError) {
            encoder = try BatchEncoder(
                execution, encoder: FrameEncoder(storeSalt: storeSalt),
                frameByteCountTarget: options.frameByteCountTarget)
        } catch {
            throw StoreError(StoreError(error).code, "\(path): execution \(execution.id): \(error)")
        }
        var position: Position?
        while let batch = encoder.next() {
            let result = await writing.thread.run {
                Result { () throws(StoreError) in try writing.writer.append(batch) }
            }
            if case .stored(let place) = try result.get(), position == nil { position = place }
        }
        return AppendReceipt(position: position)
    }
}
