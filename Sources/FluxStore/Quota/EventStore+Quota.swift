import FluxIndex
import FluxLog

extension EventStore {
    /// Holds a batch against its tenant's quota; `false` where it is over that, and was stored before: then it adds nothing.
    func admit(_ batch: EncodedBatch, to writing: Writing) throws(StoreError) -> Bool {
        do throws(StoreError) {
            try writing.meter.admit(batch.tenantID, byteCount: batch.byteCount, now: .now, count: countByTenant)
            return true
        } catch {
            guard error.code == .quotaExceeded,
                let progress = try view.progress(of: batch.executionID, in: writing.published).progress,
                progress.isFinished || (!batch.isLast && batch.firstEvent + batch.eventCount <= progress.nextEvent)
            else { throw error }
            return false
        }
    }

    /// Counts what each tenant has stored, while nothing is taken out. O(executions).
    func countByTenant() throws(StoreError) -> [UInt32: UInt64] {
        try writer.lifecycle.meanwhile { () throws(StoreError) in
            try settledIndex.read { (index) throws(IndexError) in try index.storedByteCountsByTenant() }
        }
    }
}
