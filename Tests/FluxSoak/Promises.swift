import FluxStore

/// What processes were told about each number, over all of their lives.
struct Promises {
    /// Batches of one execution, counted from its first.
    struct Counts {
        /// That may be there: each was sent.
        var sent = 0
        /// That survive the end of the process.
        var written = 0
        /// That survive the loss of power.
        var durable = 0
        /// When a batch was said to be so, by its place.
        var durableTimes: [Int: MonotonicTime] = [:]
    }

    private(set) var numbers: [UInt64: Counts] = [:]
    /// Lines that promised something.
    private(set) var acknowledgedCount = 0

    /// Notes what a process may send before it says anything.
    mutating func begin(_ options: AppendOptions) {
        for number in options.again + (0..<options.producerCount).map({ options.first + $0 }) {
            send(number, 1, options)
        }
    }

    /// Notes a line of ``Appending``. Whatever else it says is a failure.
    mutating func note(_ line: String, of options: AppendOptions) throws {
        if line == "open" || line == "closed" { return }
        let fields = line.split(separator: " ").compactMap { UInt64($0) }
        guard fields.count == 5, let durability = Durability(rawValue: Int(fields[3])) else {
            throw SoakFailure("the process says: \(line)")
        }
        let (number, count, isLast) = (fields[0], Int(fields[1]), fields[1] == fields[2])
        note(number, count, durability)
        if durability == .durable {
            let time = MonotonicTime(nanoseconds: fields[4])
            numbers[number]?.durableTimes.merge([count - 1: time], uniquingKeysWith: min)
        }
        send(number, isLast ? count : count + 1, options)
        if isLast, number >= options.first { send(number + options.producerCount, 1, options) }
    }

    /// Notes that so many batches are stored this well.
    mutating func note(_ number: UInt64, _ count: Int, _ durability: Durability) {
        var counts = numbers[number] ?? Counts()
        counts.sent = max(counts.sent, count)
        if durability >= .written { counts.written = max(counts.written, count) }
        if durability == .durable { counts.durable = max(counts.durable, count) }
        numbers[number] = counts
        if durability >= .written { acknowledgedCount += 1 }
    }

    /// Only what is durable survives this.
    mutating func losePower() {
        numbers = numbers.mapValues { counts in
            Counts(sent: counts.sent, written: counts.durable, durable: counts.durable)
        }
    }

    private mutating func send(_ number: UInt64, _ count: Int, _ options: AppendOptions) {
        if let end = options.count, number >= options.first + end { return }
        var counts = numbers[number] ?? Counts()
        counts.sent = max(counts.sent, count)
        numbers[number] = counts
    }
}
