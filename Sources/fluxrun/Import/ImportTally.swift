import FluxFormat
import FluxImport

/// What an import did, for one format or for all.
struct ImportTally {
    /// Files read, whether or not all of them could be.
    var files = 0
    /// Files of which something could not be read or stored.
    var failedFiles = 0
    /// Executions read, stored before or not.
    var executions = 0
    /// HTTP interactions of those executions.
    var interactions = 0
    /// Bytes of the files.
    var bytes = 0
    /// Executions that the store had.
    var skippedDuplicates = 0
    /// Items that are not HTTP, passed over.
    var skippedItems = 0

    static func + (first: ImportTally, second: ImportTally) -> ImportTally {
        var sum = first
        sum.files += second.files
        sum.failedFiles += second.failedFiles
        sum.executions += second.executions
        sum.interactions += second.interactions
        sum.bytes += second.bytes
        sum.skippedDuplicates += second.skippedDuplicates
        sum.skippedItems += second.skippedItems
        return sum
    }
}

/// The tallies of an import by format; `unknown` is that of files whose format could not be told.
struct ImportReport {
    private static let unknownName = "unknown"

    private(set) var tallies: [String: ImportTally] = [:]
    /// Files met in folders that are no recordings of a format that is read.
    var ignoredFiles = 0

    /// Adds to the tally of a kind.
    mutating func add(_ tally: ImportTally, to kind: RecordingKind?) {
        let name = kind?.rawValue ?? Self.unknownName
        tallies[name] = (tallies[name] ?? ImportTally()) + tally
    }

    /// The sum of all formats.
    var total: ImportTally { tallies.values.reduce(ImportTally(), +) }

    /// Formats of which there was a file, in the order in which formats are listed, with their tallies.
    private var rows: [(format: String, tally: ImportTally)] {
        (RecordingReader.kinds.map(\.rawValue) + [Self.unknownName]).compactMap { name in
            tallies[name].map { (name, $0) }
        } + [("total", total)]
    }

    /// A table, and a word on what was passed over.
    var lines: [String] {
        var table = Table([
            .text("FORMAT"), .number("FILES"), .number("FAILED"), .number("EXECUTIONS"), .number("INTERACTIONS"),
            .number("BYTES"), .number("ALREADY THERE"),
        ])
        for (format, tally) in rows {
            let counts = [tally.files, tally.failedFiles, tally.executions, tally.interactions].map { "\($0)" }
            table.add([format] + counts + [Texts.byteCount(UInt64(tally.bytes)), "\(tally.skippedDuplicates)"])
        }
        var lines = table.lines(columnCountMax: nil)
        if total.skippedItems > 0 { lines.append("\(total.skippedItems) items are not HTTP and were passed over") }
        if ignoredFiles > 0 { lines.append("\(ignoredFiles) files are no recordings of a known format") }
        return lines
    }

    /// One object for each format and one for the total.
    var json: [JSONValue] {
        rows.map { format, tally in
            .members([
                "format": .text(format), "files": .number(tally.files), "failedFiles": .number(tally.failedFiles),
                "executions": .number(tally.executions), "interactions": .number(tally.interactions),
                "bytes": .number(tally.bytes), "skippedDuplicates": .number(tally.skippedDuplicates),
            ])
        }
    }
}
