import FluxFormat
import FluxStore
import Foundation
import Glibc
import Synchronization
import TestSupport

/// Uses a store from another process than a test's.
///
/// `AppendLoop append STORE FIRST BYTES`: appends executions FIRST, FIRST + 1, … where no file may grow over BYTES. Prints
/// the number of each one that was acknowledged, and the code of the error at which it stops.
///
/// `AppendLoop produce STORE FIRST COUNT`: 64 producers append COUNT executions from FIRST on, in segments of 32 KiB, fewer
/// where its input ends before. When it has, closes the store and prints how many were acknowledged.
///
/// `AppendLoop read STORE`: opens the store read-only as a user who may not write in it; prints the number of executions
/// in its index, the events that could be read, and the warnings.
///
/// `AppendLoop hold STORE`: opens the store for writing and waits until its input ends.
@main
struct AppendLoop {
    static func main() async {
        let arguments = CommandLine.arguments
        do throws(StoreError) {
            switch arguments[1] {
            case "append":
                limitFiles(to: arguments[4])
                try await append(to: arguments[2], from: UInt64(arguments[3]) ?? 0)
            case "produce":
                let first = UInt64(arguments[3]) ?? 0
                try await produce(to: arguments[2], first..<first + (UInt64(arguments[4]) ?? 0))
            case "read": try await read(arguments[2])
            default: try await hold(arguments[2])
            }
        } catch {
            say("\(error.code) \(error.message)")
        }
    }

    private static func append(to path: String, from first: UInt64) async throws(StoreError) {
        let store = try EventStore.open(at: path, options: StoreOptions(segmentByteCountMax: 256 << 10))
        say("open")
        var seed = first
        while true {
            try await store.append(Sample.execution(seed: seed, eventCount: 1 + Int(seed % 60)))
            say("\(seed)")
            seed += 1
        }
    }

    private static func produce(to path: String, _ seeds: Range<UInt64>) async throws(StoreError) {
        let store = try EventStore.open(at: path, options: StoreOptions(segmentByteCountMax: 32 << 10))
        let work = Work(seeds.lowerBound)
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        // Reading blocks, so it is no work for the threads that all tasks share.
        Thread.detachNewThread {
            while readLine() != nil {}
            work.isOver.store(true, ordering: .relaxed)
            end.finish()
        }
        say("open")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask { await produce(to: store, work, below: seeds.upperBound) }
            }
        }
        for await _ in ended {}
        await store.close()
        say("\(work.doneCount.load(ordering: .relaxed))")
    }

    private static func produce(to store: EventStore, _ work: Work, below end: UInt64) async {
        while !work.isOver.load(ordering: .relaxed) {
            let seed = work.next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard seed < end else { return }
            do throws(StoreError) {
                try await store.append(Sample.execution(seed: seed, eventCount: 1 + Int(seed % 9)))
                work.doneCount.wrappingAdd(1, ordering: .relaxed)
            } catch {
                return say("\(error.code) \(error.message)")
            }
        }
    }

    private static func read(_ path: String) async throws(StoreError) {
        // Root may write anywhere, so another user reads.
        if getuid() == 0 {
            precondition(setgid(65534) == 0 && setuid(65534) == 0, "could not become another user")
        }
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        var cursor = try await store.cursor()
        var eventCount = 0
        while let event = try cursor.next() { eventCount += event.payload.byteCount >= 0 ? 1 : 0 }
        say("\(try await store.statistics().executions) \(eventCount) \(store.warnings)")
        do throws(StoreError) {
            try await store.append(Sample.execution(seed: 1, eventCount: 1))
        } catch {
            say("\(error.code)")
        }
        do throws(StoreError) {
            _ = try EventStore.open(at: path)
        } catch {
            say("\(error.code) \(error.message)")
        }
    }

    private static func hold(_ path: String) async throws(StoreError) {
        let store = try EventStore.open(at: path)
        say("open \(getpid())")
        while readLine() != nil {}
        await store.close()
    }

    /// Lets no file grow over a size, as a disk that is full.
    private static func limitFiles(to byteCount: String) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: rlim_t(byteCount) ?? 0, rlim_max: rlim_t(byteCount) ?? 0)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    /// One line in one write, so that whoever reads sees all of it or nothing.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(1, bytes, bytes.count)
    }
}

/// What producers share.
private final class Work: Sendable {
    let isOver = Atomic(false)
    let next: Atomic<UInt64>
    let doneCount = Atomic(0)

    init(_ first: UInt64) {
        next = Atomic(first)
    }
}
