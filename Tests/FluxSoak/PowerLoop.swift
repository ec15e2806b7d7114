import FluxFiles
import Foundation
import SimulatedDisk
import TestSupport

/// Lets processes append, the index and its database included, and opens what losses of power would have left of their
/// files.
struct PowerLoop {
    /// What was done, in numbers.
    struct Counts {
        var processes = 0
        var calls = 0
        var losses = 0
        var promises = 0
        var segments = 0
        var tornTails = 0
        var suspectTails = 0
        var rebuiltIndexes = 0
    }

    /// Processes that run one after the other, each on what a loss left of the files of the one before.
    private static let processCount: UInt64 = 3
    /// Losses of power during one process.
    private static let lossCount = 12

    /// A word in the paths of files whose syncs the disk forgets: then promises must break.
    var liesAbout: String?
    private(set) var counts = Counts()

    /// Runs some processes. Throws what does not hold; the folder is left then, with the files as the loss left them.
    mutating func run(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try ScratchFolder(inMemory: false)
        let opened = try ScratchFolder(inMemory: true)
        defer { opened.remove() }
        var disk = SimulatedDisk()
        disk.isTraced = false
        var promises = Promises()
        for process in 0..<Self.processCount {
            let options = Self.options(in: folder, first: 1 + process * 1000, promises, using: &generator)
            try DiskFolder(path: "\(folder.path)/live").write(disk)
            let journal = try journal(of: options, in: folder)
            let whole = try journal.disk(before: journal.calls.count, on: disk)
            if let difference = try DiskFolder(path: "\(folder.path)/live").difference(from: whole) {
                throw SoakFailure("process \(process) in \(folder.path): \(difference)")
            }
            promises.begin(options)
            let (start, known) = (disk, promises)
            for _ in 0..<Self.lossCount {
                let end = Int.random(in: 0...journal.calls.count, using: &generator)
                let mode = CrashMode.allCases.randomElement(using: &generator) ?? CrashMode(.nothing, names: .lost)
                disk = try journal.disk(before: end, on: start, lyingAbout: liesAbout)
                    .crashed(mode, using: &generator)
                promises = known
                for line in journal.said(before: end) { try promises.note(line, of: options) }
                promises.losePower()
                do {
                    try await check(disk, in: opened, options, promises, using: &generator)
                } catch {
                    if liesAbout == nil {
                        try DiskFolder(path: "\(folder.path)/lost").write(disk)
                    } else {
                        folder.remove()
                    }
                    throw SoakFailure(
                        "process \(process) before call \(end) of \(journal.calls.count), \(mode), in \(folder.path)/lost: "
                            + "\(error)", isBrokenPromise: true)
                }
            }
        }
        folder.remove()
    }

    private static func options(
        in folder: ScratchFolder, first: UInt64, _ promises: Promises, using generator: inout SeededGenerator
    ) -> AppendOptions {
        var options = AppendOptions(
            path: "\(folder.path)/live/store", first: first,
            producerCount: [1, 1, 4, 32].randomElement(using: &generator) ?? 1,
            count: UInt64(Int.random(in: 1...100, using: &generator)),
            segmentByteCountMax: [16 << 10, 16 << 10, 64 << 10, 1 << 20].randomElement(using: &generator) ?? 16 << 10)
        options.again = Array(promises.numbers.keys.sorted().suffix(20).shuffled(using: &generator).prefix(6))
        return options
    }

    /// Lets a process append, and returns its calls.
    private mutating func journal(of options: AppendOptions, in folder: ScratchFolder) throws -> CallJournal {
        let path = "\(folder.path)/journal"
        try? FileManager.default.removeItem(atPath: path)
        let process = try AppendProcess(options, following: "\(folder.path)/live", journal: path)
        let (lines, _) = process.finish()
        guard lines.last == "closed" else {
            throw SoakFailure("a process in \(folder.path) ends with: \(lines.last ?? "nothing")")
        }
        let journal = CallJournal(Array(try Data(contentsOf: URL(filePath: path))))
        counts.processes += 1
        counts.calls += journal.calls.count
        return journal
    }

    private mutating func check(
        _ disk: SimulatedDisk, in folder: ScratchFolder, _ options: AppendOptions, _ promises: Promises,
        using generator: inout SeededGenerator
    ) async throws {
        let path = "\(folder.path)/lost"
        try DiskFolder(path: path).write(disk)
        var reopening = Reopening(
            path: "\(path)/store", segmentByteCountMax: options.segmentByteCountMax, hasLostPower: true)
        var promises = promises
        counts.promises += promises.numbers.values.count { $0.durable > 0 }
        try await reopening.run(&promises, using: &generator)
        counts.losses += 1
        counts.segments += reopening.found.segments
        counts.tornTails += reopening.found.tornTails
        counts.suspectTails += reopening.found.suspectTails
        counts.rebuiltIndexes += reopening.found.rebuiltIndexes
    }
}
