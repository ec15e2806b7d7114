import FluxFormat
import FluxStore

extension ExecutionGroups {
    /// Prints a row, or a line of JSON, for each group.
    func print(of store: EventStore, title: String, isJSON: Bool) throws {
        guard !isJSON else { return groups.forEach { Console.line($0.json) } }
        guard !groups.isEmpty else { return Console.note("no execution matches") }
        var table = Table([
            .number("COUNT"), .text("FIRST"), .text("LAST"), .text("NEWEST"), .text(title.uppercased()),
        ])
        for group in groups {
            table.add([
                "\(group.count)", group.firstStartedAt.map { Texts.time($0) } ?? "-",
                group.lastStartedAt.map { Texts.time($0) } ?? "-", try store.shortID(of: group.sampleID), group.value,
            ])
        }
        table.print()
        if groupCount > groups.count { Console.note("\(groupCount - groups.count) groups more; --limit lists them") }
    }
}

extension ExecutionGroup {
    /// The row of `ls --group-by --json`.
    fileprivate var json: JSONValue {
        .members([
            "value": .text(value), "count": .number(count),
            "firstStartedAt": .optional(firstStartedAt) { .text(Texts.rfc3339($0)) },
            "lastStartedAt": .optional(lastStartedAt) { .text(Texts.rfc3339($0)) },
            "newestID": .text(sampleID.description),
        ])
    }
}

extension ExecutionHistogram {
    /// Columns beside the bars where no terminal says how many there are.
    private static let columnCount = 80

    /// Prints a bar, or a line of JSON, for each stretch of time.
    func print(isJSON: Bool) {
        guard !isJSON else { return buckets.forEach { Console.line($0.json) } }
        guard !buckets.isEmpty else { return Console.note("no execution that has a time matches") }
        lines(columnCount: Console.columnCount ?? Self.columnCount).forEach { Console.line($0) }
        Console.note("a bar is \(Texts.duration(bucketNanoseconds)); ▒ failed")
    }

    /// The bars in so many columns: the time at which each begins, the number, and as many blocks as fit.
    func lines(columnCount: Int) -> [String] {
        let greatest = buckets.map(\.count).max() ?? 0
        let numberWidth = "\(greatest)".count
        let times = buckets.map { Texts.time($0.start) }
        let width = max(1, columnCount - (times.first?.count ?? 0) - numberWidth - 4)
        return zip(buckets, times).map { bucket, time in
            let failed = bucket.counts[.failed] ?? 0
            let length = Self.length(bucket.count, of: greatest, in: width)
            let shaded = min(length, Self.length(failed, of: greatest, in: width))
            let bar = String(repeating: "█", count: length - shaded) + String(repeating: "▒", count: shaded)
            let line = time + "  " + "\(bucket.count)".aligned(to: numberWidth) + "  " + bar
            return bar.isEmpty ? String(line.dropLast(2)) : line
        }
    }

    /// The blocks of a number: at least one where it is not 0.
    private static func length(_ count: UInt64, of greatest: UInt64, in width: Int) -> Int {
        guard count > 0 else { return 0 }
        return max(1, Int(Double(width) * Double(count) / Double(greatest)))
    }
}

extension ExecutionHistogram.Bucket {
    /// The line of `ls --histogram --json`.
    fileprivate var json: JSONValue {
        var members = JSONMembers()
        members.add("start", .text(Texts.rfc3339(start)))
        members.add("count", .number(count))
        for status in ExecutionMetadata.Status.allCases { members.add(status.name, .number(counts[status] ?? 0)) }
        return members.value
    }
}
