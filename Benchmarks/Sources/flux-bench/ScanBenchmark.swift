import CBenchFrames
import FluxFormat
import FluxStore

/// Claims: a cursor over recordings reads every payload byte at no less than 0.6 of the speed of the same hashes and the
/// same decompression, written by hand in C, that read none. Over events of some tens of bytes, where making views is most
/// of the work, it has 0.6 of the speed of a loop in C that walks the same records unchecked. Where bodies are large, a pass
/// over heads alone is five times as fast as one over everything.
struct ScanBenchmark {
    private static let floor = 0.6
    private static let goal = 0.95
    private static let smallFloor = 0.6
    private static let smallEventCount = 100_000
    private static let bodiesCount: UInt64 = 40
    /// How many times as fast heads alone are where bodies are large.
    private static let headsFloor = 5.0
    private static let roundCount = 31
    private static let roundNanoseconds = 20e6

    let path: String

    /// What a pass of the cursor met.
    private struct Pass: Equatable {
        var eventCount = 0
        var byteCount = 0
        var wordSum: UInt64 = 0
    }

    /// The thread times of one round.
    private struct Round {
        var cursor: Double
        var plain: Double
        var reading: Double
        /// A cursor over the heads alone.
        var heads: Double
    }

    func run() async throws -> Bool {
        let isHeld = try await measure(path, as: "STORE", floor: (Self.floor, \.plain))
        let folder = try ScratchFolder()
        let execution = GeneratedExecutions.long(eventCount: Self.smallEventCount, seed: 1)
        try await EventStore.fill(
            folder.path, with: [execution], frameByteCountTarget: FormatLimit.frameByteCountTarget)
        let isSmallHeld = try await measure(folder.path, as: "small events", floor: (Self.smallFloor, \.reading))
        let bodies = try ScratchFolder()
        try await EventStore.fill(
            bodies.path, with: (0..<Self.bodiesCount).map { GeneratedExecutions.large(eventCount: 24, seed: $0) },
            frameByteCountTarget: FormatLimit.frameByteCountTarget)
        let isLargeHeld = try await measure(bodies.path, as: "large bodies", floor: (Self.floor, \.plain))
        return isHeld && isSmallHeld && isLargeHeld
    }

    private func measure(
        _ path: String, as name: String, floor: (ratio: Double, baseline: KeyPath<Round, Double>)
    ) async throws -> Bool {
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        let files = try StoreFiles(of: path)
        let pass = try Self.pass(try await store.cursor())
        let totals = Self.scan(files, readsPayloads: true)
        guard !totals.has_failed, totals.word_sum == pass.wordSum, pass.eventCount > 0 else {
            throw BenchmarkError("\(path): the cursor and the loop in C have read different bytes, or none")
        }
        let single = Meter.threadTime.nanoseconds { _ = Self.scan(files, readsPayloads: false) }
        let repeats = max(1, Int(Self.roundNanoseconds / max(single, 1)))
        var rounds: [Round] = []
        for number in 0..<Self.roundCount {
            let isCursorFirst = number.isMultiple(of: 2)
            var cursor = 0.0
            if isCursorFirst { cursor = try await Self.cursorTime(store, repeats: repeats) }
            let plain = Self.scanTime(files, readsPayloads: false, repeats: repeats)
            let reading = Self.scanTime(files, readsPayloads: true, repeats: repeats)
            if !isCursorFirst { cursor = try await Self.cursorTime(store, repeats: repeats) }
            let heads = try Self.headsTime(store, repeats: repeats)
            rounds.append(Round(cursor: cursor, plain: plain, reading: reading, heads: heads))
        }
        report(name, rounds, repeats: repeats, pass: pass, totals: totals)
        let ratio = rounds.map { $0[keyPath: floor.baseline] / $0.cursor }.median
        let which = floor.baseline == \.plain ? "first" : "second"
        print(
            "floor \(floor.ratio) of the \(which) ratio: \(ratio >= floor.ratio ? "held" : "MISSED"); "
                + "goal \(Self.goal): \(ratio >= Self.goal ? "reached" : "not reached")")
        guard name == "large bodies" else { return ratio >= floor.ratio }
        let headsRatio = rounds.map { $0.cursor / $0.heads }.median
        print("floor \(Self.headsFloor) of heads / cursor: \(headsRatio >= Self.headsFloor ? "held" : "MISSED")")
        return ratio >= floor.ratio && headsRatio >= Self.headsFloor
    }

    private func report(_ name: String, _ rounds: [Round], repeats: Int, pass: Pass, totals: bench_totals) {
        func speed(_ nanoseconds: Double) -> String {
            (Double(totals.raw_byte_count) * Double(repeats) / nanoseconds).text(2) + " GB/s"
        }
        let ratio = rounds.map { $0.plain / $0.cursor }.median
        let readingRatio = rounds.map { $0.reading / $0.cursor }.median
        print(
            """
            \(name): \(pass.eventCount) events in \(totals.frame_count) frames, \(totals.raw_byte_count) bytes raw, \
            \(totals.stored_byte_count) stored; medians of \(rounds.count) rounds of \(repeats) passes, raw bytes
            cursor, every payload byte read       \(speed(rounds.map(\.cursor).median))
            C: XXH3 + LZ4_decompress_safe         \(speed(rounds.map(\.plain).median))   cursor / C = \(ratio.text(3))
            C: the same, every payload byte read  \(speed(rounds.map(\.reading).median))   cursor / C = \
            \(readingRatio.text(3))
            cursor over heads alone               \(speed(rounds.map(\.heads).median))   heads / cursor = \
            \(rounds.map { $0.cursor / $0.heads }.median.text(1))
            """)
    }

    private static func scan(_ files: StoreFiles, readsPayloads: Bool) -> bench_totals {
        files.withCPaths { bench_scan($0, $1, readsPayloads) }
    }

    private static func scanTime(_ files: StoreFiles, readsPayloads: Bool, repeats: Int) -> Double {
        Meter.threadTime.nanoseconds {
            for _ in 0..<repeats { _ = scan(files, readsPayloads: readsPayloads) }
        }
    }

    private static func cursorTime(_ store: EventStore, repeats: Int) async throws -> Double {
        var total = 0.0
        for _ in 0..<repeats {
            total += try time(try await store.cursor())
        }
        return total
    }

    private static func headsTime(_ store: EventStore, repeats: Int) throws -> Double {
        try Meter.threadTime.nanoseconds {
            for _ in 0..<repeats {
                var cursor = try store.headCursor()
                var byteCount = 0
                while let head = try cursor.next() { byteCount += head.payloadByteCount }
                guard byteCount > 0 else { throw BenchmarkError("heads without payloads") }
            }
        }
    }

    private static func time(_ cursor: consuming EventCursor) throws -> Double {
        let start = Meter.threadTime.reading
        _ = try pass(cursor)
        return Meter.threadTime.reading - start
    }

    private static func pass(_ cursor: consuming EventCursor) throws -> Pass {
        var pass = Pass()
        while let event = try cursor.next() {
            pass.eventCount += 1
            pass.byteCount += event.payload.byteCount
            pass.wordSum &+= event.payload.wordSum
        }
        return pass
    }
}

extension RawSpan {
    /// The sum of the words, taken by the same code as in the baseline.
    var wordSum: UInt64 {
        withUnsafeBytes { bytes in
            guard let first = bytes.baseAddress else { return 0 }
            return bench_word_sum(first.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
    }
}
