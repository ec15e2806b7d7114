import CBenchAllocations
import FluxFormat
import FluxStore

/// Claim: a cursor asks for no memory for an event. What a pass asks for does not depend on how many events it meets.
struct AllocationBenchmark {
    private static let eventCounts = [1_000, 10_000, 100_000]
    /// Blocks that a pass may ask for at its start: files that it opens, buffers, and their growth.
    private static let passCountMax: UInt64 = 64

    /// Allocations of one pass.
    private struct Pass {
        var eventCount = 0
        var allocationCount: UInt64 = 0
    }

    func run() async throws -> Bool {
        var executions: [Pass] = []
        var stores: [Pass] = []
        var heads: [Pass] = []
        var control = Pass()
        print("events    one execution    whole store    heads          control: an array for each event")
        for eventCount in Self.eventCounts {
            let folder = try ScratchFolder()
            let execution = GeneratedExecutions.long(eventCount: eventCount, seed: UInt64(eventCount))
            try await EventStore.fill(
                folder.path, with: [execution], frameByteCountTarget: FormatLimit.frameByteCountTarget)
            let store = try EventStore.open(at: folder.path, options: StoreOptions(access: .readOnly))
            // The first pass of a process asks for what the runtime keeps.
            _ = try Self.pass(try store.cursor(over: execution.id)) { _ in }
            _ = try Self.pass(try await store.cursor()) { _ in }
            _ = try Self.pass(try store.headCursor(over: execution.id))
            executions.append(try Self.pass(try store.cursor(over: execution.id)) { _ in })
            stores.append(try Self.pass(try await store.cursor()) { _ in })
            heads.append(try Self.pass(try store.headCursor(over: execution.id)))
            control = try Self.pass(try store.cursor(over: execution.id)) { Self.keep(Self.copy($0)) }
            let row = [executions, stores, heads].map { $0[$0.count - 1].allocationCount } + [control.allocationCount]
            print(
                zip([10, 17, 15, 15], ["\(eventCount)", "\(row[0])", "\(row[1])", "\(row[2])"])
                    .map { $1 + String(repeating: " ", count: max(0, $0 - $1.count)) }.joined() + "\(row[3])")
            guard heads.last?.eventCount == eventCount, executions.last?.eventCount == eventCount,
                stores.last?.eventCount == eventCount
            else {
                throw BenchmarkError("the store has lost events")
            }
        }
        return report([executions, stores, heads], control: control)
    }

    private func report(_ kinds: [[Pass]], control: Pass) -> Bool {
        guard control.allocationCount >= control.eventCount else {
            print("MISSED: the control asks for an array an event, and they were not counted")
            return false
        }
        for passes in kinds {
            guard let short = passes.first, let long = passes.last else { return false }
            guard long.allocationCount == short.allocationCount, short.allocationCount <= Self.passCountMax else {
                print("MISSED: a longer pass asks for more memory, or a pass for more than \(Self.passCountMax) blocks")
                return false
            }
        }
        print("0 allocations an event: held; the rest is what a pass begins with")
        return true
    }

    private static func pass(
        _ cursor: consuming EventCursor, _ body: (borrowing EventView) -> Void
    ) throws -> Pass {
        var pass = Pass()
        let start = bench_allocation_count()
        while let event = try cursor.next() {
            pass.eventCount += 1
            body(event)
        }
        pass.allocationCount = bench_allocation_count() - start
        return pass
    }

    private static func pass(_ cursor: consuming EventHeadCursor) throws -> Pass {
        var pass = Pass()
        let start = bench_allocation_count()
        while let head = try cursor.next() { pass.eventCount += head.payloadByteCount >= 0 ? 1 : 0 }
        pass.allocationCount = bench_allocation_count() - start
        return pass
    }

    private static func copy(_ event: borrowing EventView) -> [UInt8] {
        event.payload.withUnsafeBytes { Array($0) }
    }

    /// Uses a value in a way that the compiler cannot see through.
    @inline(never)
    private static func keep(_ bytes: [UInt8]) {
        withExtendedLifetime(bytes) {}
    }
}
