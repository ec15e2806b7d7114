import FluxFormat
import FluxStore
import Foundation

/// Claim: the most memory of a process that reads an execution does not depend on the execution's size, nor on the store's.
struct MemoryBenchmark {
    private static let sizes = [1, 1 << 10]
    private static let differenceMax = 4.0
    /// Raw bytes of a part, in MiB.
    private static let partMebibytes = 1

    /// What a process of its own does.
    enum Reading: String, CaseIterable {
        case events
        case heads
        case wholeStore
    }

    func run() async throws -> Bool {
        var peaks: [Reading: [Double]] = [:]
        print("MiB of an execution    events, peak MiB    heads    whole store")
        for size in Self.sizes {
            let folder = try ScratchFolder()
            let id = try await Self.fill(folder.path, mebibytes: size)
            var row = ["\(size)".padding(toLength: 23, withPad: " ", startingAt: 0)]
            for reading in Reading.allCases {
                let peak = try OwnProcess.numbers(["memory", folder.path, reading.rawValue, id.description], count: 1)[
                    0]
                peaks[reading, default: []].append(peak)
                row.append(peak.text(1).padding(toLength: 12, withPad: " ", startingAt: 0))
            }
            print(row.joined())
        }
        let isHeld = peaks.values.allSatisfy { ($0.max() ?? 0) - ($0.min() ?? 0) <= Self.differenceMax }
        print("differences of at most \(Self.differenceMax) MiB: \(isHeld ? "held" : "MISSED")")
        return isHeld
    }

    /// Reads once, and prints the most memory that the process had.
    static func read(_ path: String, _ reading: Reading, _ id: ExecutionID) async throws -> Bool {
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        var byteCount = 0
        switch reading {
        case .events:
            var cursor = try store.cursor(over: id)
            while let event = try cursor.next() { byteCount += event.payload.byteCount }
        case .heads:
            var cursor = try store.headCursor(over: id)
            while let head = try cursor.next() { byteCount += head.payloadByteCount }
        case .wholeStore:
            var cursor = try await store.cursor()
            while let event = try cursor.next() { byteCount += event.payload.byteCount }
        }
        guard byteCount > 0 else { return false }
        print(try OwnProcess.peakMebibytes())
        return true
    }

    /// Makes a store of one execution, in parts of a mebibyte.
    private static func fill(_ path: String, mebibytes: Int) async throws -> ExecutionID {
        let store = try EventStore.open(at: path)
        let whole = GeneratedExecutions.large(eventCount: 1, seed: 1)
        let part = GeneratedExecutions.large(eventCount: 30 * partMebibytes, seed: 2).events
        for number in 0..<mebibytes {
            let isLast = number == mebibytes - 1
            var metadata = whole.metadata
            if isLast {
                metadata.eventCount = UInt64(part.count * mebibytes)
                metadata.status = .ok
            }
            try await store.append(
                EventBatch(
                    executionID: whole.id, firstEvent: UInt64(number * part.count), events: part, metadata: metadata,
                    isLast: isLast), durability: isLast ? .durable : .written)
        }
        await store.close()
        return whole.id
    }
}
