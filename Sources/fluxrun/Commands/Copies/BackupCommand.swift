import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun backup`
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Brings everything durable of a store into a folder of backups.",
        discussion: """
            The store may be open for writing meanwhile. Into the same folder later, only what is new is brought. The file \
            MANIFEST is written last; xxhsum --check MANIFEST, run in the folder, checks the files as well. Exit code 3: \
            something in the store is damaged, and is in the backup as it is, or the backup does not verify.
            """)

    @OptionGroup var store: StoreArgument

    @Option(help: ArgumentHelp("The folder of the backups.", valueName: "dir"))
    var to: String

    @Flag(help: "Reads all of the backup again, and holds it against its manifest.")
    var verify = false

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func run() async throws {
        let report = try await store.openForReading().backup(to: to)
        var findings: [String] = []
        if verify { findings = try await EventStore.verifyBackup(at: to).findings }
        for line in report.damage + findings { Console.warn(line.printable) }
        show(report, isVerified: verify && findings.isEmpty)
        if !report.damage.isEmpty || !findings.isEmpty { throw ExitCode.lossy }
    }

    private func show(_ report: BackupReport, isVerified: Bool) {
        guard json else {
            return Console.line(
                "\(report.segments) segments, \(Texts.byteCount(report.byteCount)): \(report.keptSegments) were there, "
                    + "\(report.linkedSegments) linked, \(report.copiedSegments) copied")
        }
        Console.line(
            JSONValue.members([
                "segments": .number(report.segments), "bytes": .number(report.byteCount),
                "kept": .number(report.keptSegments), "linked": .number(report.linkedSegments),
                "copied": .number(report.copiedSegments), "copiedBytes": .number(report.copiedByteCount),
                "damage": .number(report.damage.count), "verified": .bool(isVerified),
            ]))
    }
}

/// `fluxrun restore`
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Makes a store from a backup, once all of it is verified.",
        discussion: "The folder of the store must be missing or empty.")

    @Option(help: ArgumentHelp("The folder of the backup.", valueName: "dir"))
    var from: String

    @OptionGroup var store: StoreArgument

    @Flag(help: "Prints JSON, one line.")
    var json = false

    func run() async throws {
        try await EventStore.restore(from: from, to: store.store)
        let statistics = try await store.openForReading().statistics()
        if json {
            Console.line(
                JSONValue.members([
                    "executions": .number(statistics.executions), "events": .number(statistics.events),
                    "segments": .number(statistics.segments),
                ]))
        } else {
            Console.line("\(statistics.executions) executions with \(statistics.events) events restored")
        }
    }
}
