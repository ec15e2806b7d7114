import FluxFiles
import FluxFormat
import FluxImport
import FluxStore
import Glibc

/// Reads recordings and appends them to a store.
struct ImportRun {
    /// Bytes of the largest file that is read: all of it stands in memory.
    static let fileByteCountMax = 1 << 30

    let store: EventStore
    let reader: RecordingReader
    private let files = PosixFileSystem()
    private(set) var report = ImportReport()
    /// Whether something could not be read.
    private(set) var hasFailures = false

    private var bar = ProgressBar("importing", totalCount: 0)
    private var doneCount = 0

    init(into store: EventStore, reader: RecordingReader) {
        self.store = store
        self.reader = reader
    }

    /// Imports everything that can be read and tells of the rest on standard error.
    ///
    /// Throws where the store takes no more: what was stored before stays.
    mutating func run(_ paths: [String]) async throws {
        let recordings = RecordingFiles(paths)
        for failure in recordings.failures { fail(failure) }
        bar = ProgressBar("importing", totalCount: recordings.entries.count)
        defer { bar.end() }
        for (index, entry) in recordings.entries.enumerated() {
            doneCount = index
            try await importFile(entry)
        }
    }

    private mutating func importFile(_ entry: RecordingFiles.Entry) async throws {
        var tally = ImportTally(files: 1)
        bar.show(doneCount: doneCount)
        var bytes: [UInt8] = []
        let file: ImportedFile
        do {
            bytes = try contents(of: entry.path)
            tally.bytes = bytes.count
            file = try reader.recordings(in: bytes, path: entry.path)
        } catch {
            if !entry.isNamed, let error = error as? ImportError, error.isUnknownFormat {
                // What cannot be parsed may have been a recording; a sound document of another sort was none.
                if reader.family == nil, case .unknownFormat(_, _?) = error {
                    Console.warn(error.description.printable)
                }
                report.ignoredFiles += 1
                return
            }
            fail("\(error)")
            tally.failedFiles = 1
            return report.add(tally, to: RecordingReader.likelyKind(of: bytes, path: entry.path))
        }
        tally.skippedItems = file.skippedCount
        for failure in file.failures { fail(failure.description) }
        tally.failedFiles = file.failures.isEmpty ? 0 : 1
        for execution in file.executions { try await append(execution, from: entry.path, to: &tally) }
        report.add(tally, to: file.kind)
    }

    private func contents(of path: String) throws(IOError) -> [UInt8] {
        let file = try files.open(path, .read)
        let byteCount = try file.byteCount()
        guard byteCount <= Self.fileByteCountMax else { throw IOError("read more than 1 GiB", path, number: EFBIG) }
        return try file.read(byteCount: byteCount, at: 0)
    }

    private mutating func append(_ execution: Execution, from path: String, to tally: inout ImportTally) async throws {
        do throws(StoreError) {
            bar.show(doneCount: doneCount)
            let receipt = try await store.append(execution)
            tally.executions += 1
            tally.interactions += execution.events.count
            if receipt.isDuplicate { tally.skippedDuplicates += 1 }
        } catch {
            guard [.tooLarge, .invalid].contains(error.code) else { throw ImportStop(path: path, cause: error) }
            fail("\(path): \(error.message)")
            tally.failedFiles = 1
        }
    }

    private mutating func fail(_ message: String) {
        hasFailures = true
        Console.note("error: \(message.printable)")
    }
}

/// Why an import ended early: the store took no more.
struct ImportStop: Error, CustomStringConvertible {
    /// The recording that was not stored.
    let path: String
    let cause: StoreError

    var description: String { "\(path): not stored, nor what follows it: \(cause.message)" }
}
