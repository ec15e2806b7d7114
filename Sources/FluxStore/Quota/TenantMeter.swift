import FluxIndex
import Synchronization

/// Holds what tenants append against their quotas.
///
/// What is stored is counted in the index once, before the first batch of a tenant with a quota is let in, and from then on
/// here: each batch before it is written, so that appends at the same time are never over a quota together.
final class TenantMeter: Sendable {
    private let quotas: [UInt32: TenantQuota]
    private let otherQuota: TenantQuota?
    /// The store's directory, for messages.
    private let path: String
    private let state = Mutex(State())

    private struct State {
        /// Bytes in the store of each tenant with a quota, those on their way among them; `nil` until they were counted.
        var stored: [UInt32: UInt64]?
        var buckets: [UInt32: TokenBucket] = [:]
    }

    init(_ options: StoreOptions, path: String) {
        quotas = options.tenantQuotas
        otherQuota = options.otherTenantsQuota
        self.path = path
    }

    /// Whether anyone has a quota.
    var isMetering: Bool { !quotas.isEmpty || otherQuota != nil }

    private func quota(of tenant: UInt32) -> TenantQuota? { quotas[tenant] ?? otherQuota }

    /// Lets a batch in, and counts it; throws `quotaExceeded`. `count` counts what is stored, and waits for the index; its
    /// answer is used by the first that has it.
    func admit(
        _ tenant: UInt32, byteCount: Int, now: MonotonicTime, count: () throws(StoreError) -> [UInt32: UInt64]
    ) throws(StoreError) {
        guard let quota = quota(of: tenant) else { return }
        try start(count)
        let refusal = state.withLock { state -> StoreError? in
            let stored = state.stored?[tenant] ?? 0
            if let most = quota.storedByteCountMax, stored + UInt64(byteCount) > most {
                return refused(
                    tenant,
                    "has \(stored) bytes stored and may have \(most); delete some of its executions, or raise it")
            }
            if let speed = quota.byteCountPerSecondMax {
                var bucket = state.buckets[tenant] ?? TokenBucket(perSecond: speed, now: now)
                let wait = bucket.take(UInt64(byteCount), now: now)
                state.buckets[tenant] = bucket
                if let wait { return refused(tenant, "appends more than \(speed) bytes a second; wait \(wait) ms") }
            }
            state.stored?[tenant] = stored + UInt64(byteCount)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Takes back what was counted, or is gone.
    func giveBack(_ tenant: UInt32, byteCount: UInt64) {
        state.withLock { state in
            guard let stored = state.stored?[tenant] else { return }
            state.stored?[tenant] = stored - min(stored, byteCount)
        }
    }

    /// Runs `body`, which removes executions from the index on the thread that applies to it, and takes back what that freed.
    func takingBack<Value>(
        from index: MetadataIndex, _ body: () throws(IndexError) -> Value
    ) throws(IndexError) -> Value {
        // What is not counted yet is counted behind this.
        guard isMetering, state.withLock({ $0.stored != nil }) else { return try body() }
        let before = try index.storedByteCountsByTenant()
        let value = try body()
        let after = try index.storedByteCountsByTenant()
        for (tenant, byteCount) in before {
            giveBack(tenant, byteCount: byteCount - min(byteCount, after[tenant] ?? 0))
        }
        return value
    }

    /// Counts what is stored, if nobody has.
    func start(_ count: () throws(StoreError) -> [UInt32: UInt64]) throws(StoreError) {
        guard state.withLock({ $0.stored == nil }) else { return }
        let stored = try count()
        state.withLock { $0.stored = $0.stored ?? stored }
    }

    private func refused(_ tenant: UInt32, _ reason: String) -> StoreError {
        StoreError(.quotaExceeded, "\(path): tenant \(tenant) \(reason); nothing of the batch was stored")
    }
}

/// Bytes that may be taken: they come back with time, up to those of a second.
private struct TokenBucket {
    private let perSecond: UInt64
    /// Bytes that are there; less than none where a batch was larger than all.
    private var level: Double
    private var time: MonotonicTime

    init(perSecond: UInt64, now: MonotonicTime) {
        self.perSecond = max(perSecond, 1)
        level = Double(self.perSecond)
        time = now
    }

    /// Takes bytes, or says how many milliseconds to wait for them.
    mutating func take(_ byteCount: UInt64, now: MonotonicTime) -> UInt64? {
        level = min(Double(perSecond), level + Double(now.since(time)) / 1e9 * Double(perSecond))
        time = max(time, now)
        let needed = Double(min(byteCount, perSecond))
        guard level >= needed else { return UInt64(((needed - level) / Double(perSecond) * 1000).rounded(.up)) }
        level -= Double(byteCount)
        return nil
    }
}
