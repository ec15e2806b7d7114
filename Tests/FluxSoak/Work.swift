import FluxFormat
import FluxStore
import TestSupport

/// What is appended under a number: the same in every process.
struct Work {
    let parts: SampleParts
    /// How well each batch is to be stored.
    let durabilities: [Durability]

    init(number: UInt64) {
        var generator = SeededGenerator(seed: number)
        parts =
            number % 61 == 7
            ? SampleParts(number: number, eventCountMax: 60, payloadByteCountMax: 4000, using: &generator)
            : SampleParts(number: number, using: &generator)
        durabilities = parts.batches.map { _ in
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: .queued
            case 1, 2: .written
            default: .durable
            }
        }
    }
}

/// How a process appends.
struct AppendOptions {
    var path: String
    /// Producers take numbers from here on in turn.
    var first: UInt64
    var producerCount: UInt64
    /// Numbers after which it closes the store and ends; `nil` for one that goes on until it is killed.
    var count: UInt64?
    var segmentByteCountMax: Int
    /// Numbers that were appended by another process, to be sent again before.
    var again: [UInt64] = []

    /// Makes them from words as those of ``words``.
    init(_ words: Arguments) throws(UsageError) {
        guard let path = words.text("store") else { throw UsageError("--store is missing") }
        self.path = path
        first = UInt64(try words.number("first") ?? 1)
        producerCount = UInt64(try words.number("producers") ?? 1)
        count = try words.number("count").map(UInt64.init)
        segmentByteCountMax = try words.number("segment") ?? 16 << 10
        again = words.text("again")?.split(separator: ",").compactMap { UInt64($0) } ?? []
    }

    init(path: String, first: UInt64, producerCount: UInt64, count: UInt64?, segmentByteCountMax: Int) {
        self.path = path
        self.first = first
        self.producerCount = producerCount
        self.count = count
        self.segmentByteCountMax = segmentByteCountMax
    }

    /// The command line of the process.
    var words: [String] {
        var words = [
            "append", "--store", path, "--first", "\(first)", "--producers", "\(producerCount)", "--segment",
            "\(segmentByteCountMax)",
        ]
        if let count { words += ["--count", "\(count)"] }
        if !again.isEmpty { words += ["--again", again.map(String.init).joined(separator: ",")] }
        return words
    }
}
