import FluxFormat
import FluxStore
import TestSupport
import Testing

@Suite("Quotas of tenants")
struct QuotaTests {
    private let folder: QuickFolder

    init() throws {
        folder = try QuickFolder()
    }

    private func open(_ quotas: [UInt32: TenantQuota], others: TenantQuota? = nil) throws -> EventStore {
        var options = StoreOptions(segmentByteCountMax: 64 << 10)
        options.tenantQuotas = quotas
        options.otherTenantsQuota = others
        return try EventStore.open(at: folder.path, options: options)
    }

    /// An execution of some kilobytes that do not compress.
    private static func execution(_ seed: UInt64, tenant: UInt32) -> Execution {
        var execution = Sample.execution(seed: seed, eventCount: 4)
        var generator = SeededGenerator(seed: seed)
        for index in execution.events.indices {
            execution.events[index].payload = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        execution.tenantID = tenant
        return execution
    }

    /// Bytes that each tenant has, as queries tell.
    private static func stored(_ store: EventStore, tenant: UInt32) throws -> UInt64 {
        let page = try store.executions(matching: ExecutionQuery(tenantID: tenant), limit: 1000)
        return page.executions.reduce(0) { $0 + $1.storedByteCount }
    }

    @Test("A tenant stores up to its quota, and others are not held up")
    func stored() async throws {
        let store = try open([7: TenantQuota(storedByteCountMax: 20_000)])
        var storedCount = 0
        for seed in 0..<10 as Range<UInt64> {
            let error = await storeError { try await store.append(Self.execution(seed, tenant: 7)) }
            if let error {
                #expect(error.code == .quotaExceeded && error.message.contains("tenant 7"), "\(error)")
            } else {
                storedCount += 1
            }
            try await store.append(Self.execution(seed + 100, tenant: 8))
        }
        #expect((2..<10).contains(storedCount))
        let byteCount = try Self.stored(store, tenant: 7)
        #expect(byteCount <= 20_000 && byteCount > 20_000 - byteCount / UInt64(storedCount))
        #expect(try await store.count(matching: ExecutionQuery(tenantID: 8)) == 10)
        await store.close()
    }

    @Test("A retry of what is stored is no new byte, also where the quota is used up")
    func retry() async throws {
        let execution = Self.execution(1, tenant: 7)
        let first = try open([:])
        try await first.append(execution)
        let byteCount = try Self.stored(first, tenant: 7)
        await first.close()
        let store = try open([7: TenantQuota(storedByteCountMax: byteCount)])
        #expect(try await store.append(execution).isDuplicate)
        #expect(await storeError { try await store.append(Self.execution(2, tenant: 7)) }?.code == .quotaExceeded)
        await store.close()
    }

    @Test("What is deleted or dropped counts no more", arguments: [true, false])
    func gone(isDeleted: Bool) async throws {
        let one = Self.execution(1, tenant: 7)
        let probe = try open([:])
        try await probe.append(one)
        let byteCount = try Self.stored(probe, tenant: 7)
        await probe.close()
        let store = try open([7: TenantQuota(storedByteCountMax: byteCount * 5 / 2)])
        try await store.append(Self.execution(2, tenant: 7))
        #expect(await storeError { try await store.append(Self.execution(3, tenant: 7)) }?.code == .quotaExceeded)
        if isDeleted {
            try await store.delete(one.id)
        } else {
            for seed in 50..<80 as Range<UInt64> { try await store.append(Self.execution(seed, tenant: 1)) }
            try await store.retain(RetentionPolicy(maxByteCount: 0))
            #expect(try store.execution(one.id) == nil)
        }
        try await store.append(Self.execution(3, tenant: 7))
        let left = try Self.stored(store, tenant: 7)
        #expect(left <= byteCount * 5 / 2)
        // What is counted is what is there, as a count from nothing says, too.
        let room = byteCount * 5 / 2 - left
        #expect(
            await storeError { try await store.append(Self.execution(4, tenant: 7)) }?.code
                == (room < byteCount ? .quotaExceeded : nil))
        await store.close()
    }

    @Test("Many appends at the same time are not over a quota together")
    func together() async throws {
        let store = try open([:], others: TenantQuota(storedByteCountMax: 50_000))
        let refusedCount = await withTaskGroup(of: Bool.self) { group in
            for seed in 0..<64 as Range<UInt64> {
                group.addTask {
                    await storeError { try await store.append(Self.execution(seed, tenant: 9)) }?.code == .quotaExceeded
                }
            }
            var count = 0
            for await isRefused in group where isRefused { count += 1 }
            return count
        }
        let byteCount = try Self.stored(store, tenant: 9)
        #expect(byteCount <= 50_000 && byteCount > 40_000)
        #expect(try await store.count(matching: ExecutionQuery(tenantID: 9)) == UInt64(64 - refusedCount))
        await store.close()
    }

    @Test("A tenant that appends faster than it may is told how long to wait")
    func speed() async throws {
        // A second's worth comes at once, and no more of it comes back while this runs.
        let store = try open([7: TenantQuota(byteCountPerSecondMax: 1)])
        try await store.append(Self.execution(1, tenant: 7))
        let error = await storeError { try await store.append(Self.execution(2, tenant: 7)) }
        #expect(error?.code == .quotaExceeded && error?.message.contains("ms") == true)
        try await store.append(Self.execution(3, tenant: 8))
        await store.close()
    }
}
