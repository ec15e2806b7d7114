import CBenchFrames
import FluxFormat
import FluxStore

/// Claim: payloads that are stored as they are, as those which were encrypted, are read no slower where sealed segments are
/// mapped than where they are copied, and at no less than 0.3 of the speed at which memory is read.
struct MappedBenchmark {
    private static let memoryFloor = 0.3
    /// Of the speed of copies, for what rounds differ in.
    private static let floor = 0.95
    private static let executionCount: UInt64 = 80
    private static let segmentByteCount = 16 << 20
    private static let roundCount = 31

    /// The thread times of one round.
    private struct Round {
        var mapped: Double
        var copied: Double
        var memory: Double
        var mappedOpen: Double
        var copiedOpen: Double
    }

    func run() async throws -> Bool {
        let folder = try ScratchFolder()
        let executions = (0..<Self.executionCount).map { GeneratedExecutions.encrypted(eventCount: 24, seed: $0) }
        try await EventStore.fill(
            folder.path, with: executions, frameByteCountTarget: FormatLimit.frameByteCountTarget,
            segmentByteCountMax: Self.segmentByteCount)
        var options = StoreOptions(access: .readOnly)
        let copying = try EventStore.open(at: folder.path, options: options)
        options.mapsSealedSegments = true
        let mapping = try EventStore.open(at: folder.path, options: options)
        let memory = executions.flatMap { $0.events.flatMap(\.payload) }
        let expected = try Self.scan(try await copying.cursor())
        guard try Self.scan(try await mapping.cursor()) == expected else {
            throw BenchmarkError("a mapped segment has other bytes than one that is copied")
        }
        var rounds: [Round] = []
        for number in 0..<Self.roundCount {
            let isFirst = number.isMultiple(of: 2)
            var mapped = isFirst ? try await Self.scanTime(mapping) : 0
            let copied = try await Self.scanTime(copying)
            if !isFirst { mapped = try await Self.scanTime(mapping) }
            let read = Meter.threadTime.nanoseconds { _ = memory.span.bytes.wordSum }
            rounds.append(
                Round(
                    mapped: mapped, copied: copied, memory: read, mappedOpen: try Self.openTime(mapping, executions),
                    copiedOpen: try Self.openTime(copying, executions)))
        }
        let isHeld = report(rounds, byteCount: memory.count, statistics: try await copying.statistics())
        await mapping.close()
        await copying.close()
        return isHeld
    }

    private func report(_ rounds: [Round], byteCount: Int, statistics: StoreStatistics) -> Bool {
        func line(_ time: KeyPath<Round, Double>) -> String {
            (Double(byteCount) / rounds.map { $0[keyPath: time] }.median).text(2) + " GB/s"
        }
        let scan = rounds.map { $0.copied / $0.mapped }.median
        let open = rounds.map { $0.copiedOpen / $0.mappedOpen }.median
        let memory = rounds.map { $0.memory / $0.mapped }.median
        print(
            """
            stored payloads: \(statistics.events) events in \(statistics.segments) segments, \(byteCount) bytes; medians of \
            \(rounds.count) rounds
            scan, mapped                 \(line(\.mapped))   mapped / copied = \(scan.text(2))
            scan, copied                 \(line(\.copied))
            each execution by id, mapped \(line(\.mappedOpen))   mapped / copied = \(open.text(2))
            each execution by id, copied \(line(\.copiedOpen))
            memory, every byte           \(line(\.memory))   mapped scan / memory = \(memory.text(2))
            """)
        let isHeld = memory >= Self.memoryFloor && scan >= Self.floor
        print(
            "floors \(Self.memoryFloor) of memory and \(Self.floor) of the copied scan: \(isHeld ? "held" : "MISSED")")
        return isHeld
    }

    private static func scanTime(_ store: EventStore) async throws -> Double {
        try time(try await store.cursor())
    }

    private static func time(_ cursor: consuming EventCursor) throws -> Double {
        let start = Meter.threadTime.reading
        _ = try scan(cursor)
        return Meter.threadTime.reading - start
    }

    private static func openTime(_ store: EventStore, _ executions: [Execution]) throws -> Double {
        try Meter.threadTime.nanoseconds {
            for execution in executions { _ = try scan(try store.cursor(over: execution.id)) }
        }
    }

    /// The sum of every payload's words.
    private static func scan(_ cursor: consuming EventCursor) throws -> UInt64 {
        var sum: UInt64 = 0
        while let event = try cursor.next() { sum &+= event.payload.wordSum }
        return sum
    }
}
