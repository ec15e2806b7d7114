import CBenchFrames
import FluxFormat
import FluxStore

/// Claims: a cursor over recordings has at least 0.7 of the speed of a reader of the same files that is written by hand in C,
/// with the same checks, and reads every payload byte; over events of some tens of bytes and over large bodies as well. Where
/// bodies are large, a pass over heads alone is five times as fast as one over everything.
struct ScanBenchmark {
    private static let floor = 0.7
    private static let goal = 0.9
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
        /// The passes in C.
        var decoding: Double
        var reading: Double
        var checked: Double
        /// A cursor over the heads alone.
        var heads: Double
    }

    func run() async throws -> Bool {
        let isHeld = try await measure(path, as: "STORE")
        let folder = try ScratchFolder()
        let execution = GeneratedExecutions.long(eventCount: Self.smallEventCount, seed: 1)
        try await EventStore.fill(
            folder.path, with: [execution], frameByteCountTarget: FormatLimit.frameByteCountTarget)
        let isSmallHeld = try await measure(folder.path, as: "small events")
        let bodies = try ScratchFolder()
        try await EventStore.fill(
            bodies.path, with: (0..<Self.bodiesCount).map { GeneratedExecutions.large(eventCount: 24, seed: $0) },
            frameByteCountTarget: FormatLimit.frameByteCountTarget)
        let isLargeHeld = try await measure(bodies.path, as: "large bodies")
        return isHeld && isSmallHeld && isLargeHeld
    }

    private func measure(_ path: String, as name: String) async throws -> Bool {
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        let files = try StoreFiles(of: path)
        let pass = try Self.pass(try await store.cursor())
        let totals = Self.scan(files, bench_checked)
        guard !totals.has_failed, totals.word_sum == pass.wordSum, pass.eventCount > 0 else {
            throw BenchmarkError("\(path): the cursor and the loop in C have read different bytes, or none")
        }
        let single = Meter.threadTime.nanoseconds { _ = Self.scan(files, bench_decoding) }
        let repeats = max(1, Int(Self.roundNanoseconds / max(single, 1)))
        var rounds: [Round] = []
        for number in 0..<Self.roundCount {
            let isCursorFirst = number.isMultiple(of: 2)
            var cursor = 0.0
            if isCursorFirst { cursor = try await Self.cursorTime(store, repeats: repeats) }
            let decoding = Self.scanTime(files, bench_decoding, repeats: repeats)
            let reading = Self.scanTime(files, bench_reading, repeats: repeats)
            let checked = Self.scanTime(files, bench_checked, repeats: repeats)
            if !isCursorFirst { cursor = try await Self.cursorTime(store, repeats: repeats) }
            let heads = try Self.headsTime(store, repeats: repeats)
            rounds.append(
                Round(cursor: cursor, decoding: decoding, reading: reading, checked: checked, heads: heads))
        }
        report(name, rounds, repeats: repeats, pass: pass, totals: totals)
        let ratio = rounds.map { $0.checked / $0.cursor }.median
        print(
            "floor \(Self.floor) of the last ratio: \(ratio >= Self.floor ? "held" : "MISSED"); "
                + "goal \(Self.goal): \(ratio >= Self.goal ? "reached" : "not reached")")
        guard name == "large bodies" else { return ratio >= Self.floor }
        let headsRatio = rounds.map { $0.cursor / $0.heads }.median
        print("floor \(Self.headsFloor) of heads / cursor: \(headsRatio >= Self.headsFloor ? "held" : "MISSED")")
        return ratio >= Self.floor && headsRatio >= Self.headsFloor
    }

    private func report(_ name: String, _ rounds: [Round], repeats: Int, pass: Pass, totals: bench_totals) {
        func speed(_ nanoseconds: Double) -> String {
            (Double(totals.raw_byte_count) * Double(repeats) / nanoseconds).text(2) + " GB/s"
        }
        func line(_ pass: KeyPath<Round, Double>) -> String {
            let ratio = rounds.map { $0[keyPath: pass] / $0.cursor }.median
            return "\(speed(rounds.map { $0[keyPath: pass] }.median))   cursor / C = \(ratio.text(3))"
        }
        print(
            """
            \(name): \(pass.eventCount) events in \(totals.frame_count) frames, \(totals.raw_byte_count) bytes raw, \
            \(totals.stored_byte_count) stored; medians of \(rounds.count) rounds of \(repeats) passes, raw bytes
            cursor, every payload byte read       \(speed(rounds.map(\.cursor).median))
            C: XXH3 + LZ4_decompress_safe         \(line(\.decoding))
            C: and every payload byte read        \(line(\.reading))
            C: and headers, chain, bounds checked \(line(\.checked))
            cursor over heads alone               \(speed(rounds.map(\.heads).median))   heads / cursor = \
            \(rounds.map { $0.cursor / $0.heads }.median.text(1))
            """)
    }

    private static func scan(_ files: StoreFiles, _ pass: bench_pass) -> bench_totals {
        files.withCPaths { bench_scan($0, $1, pass) }
    }

    private static func scanTime(_ files: StoreFiles, _ pass: bench_pass, repeats: Int) -> Double {
        Meter.threadTime.nanoseconds {
            for _ in 0..<repeats { _ = scan(files, pass) }
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
