import FluxFiles
import FluxFormat
import FluxLog
import Glibc
import SimulatedDisk
import TestSupport

/// Each call of a workload fails once, and once with all behind it; and the disk fills up at every place.
package struct FaultSweep: Sendable {
    package var seed: UInt64

    package init(seed: UInt64 = 1) {
        self.seed = seed
    }

    /// What a sweep has done.
    package struct Counts: Sendable {
        package var runs = 0
        package var images = 0
        package var fullDisks = 0
        package var fullOpenings = 0
    }

    private static let crashes: [CrashMode?] = [
        nil, CrashMode(.nothing, names: .lost), CrashMode(.everything, names: .kept),
        CrashMode(.randomSectors, names: .eachAtRandom), CrashMode(.tornPrefix, names: .inOrder),
    ]

    private static let kinds: [Operation.Kind] = [
        .open, .create, .list, .look, .read, .rename, .remove, .syncDirectory, .write, .sync, .truncate, .allocate,
    ]

    /// Runs all of it, and throws the first failure.
    package func run() throws -> Counts {
        var counts = Counts()
        for kind in Self.kinds {
            for outcome in Self.outcomes(of: kind) {
                for isLasting in [false, true] {
                    var place = 0
                    while try run(Fault([kind], after: place, outcome, isLasting: isLasting), &counts) { place += 1 }
                }
            }
        }
        try fillDisk(&counts)
        try openOnFullDisk(&counts)
        return counts
    }

    private static func outcomes(of kind: Operation.Kind) -> [Fault.Outcome] {
        switch kind {
        case .write:
            [
                .error(EIO), .error(ENOSPC), .shortWrite(byteCount: 100, EIO), .shortWrite(byteCount: 700, ENOSPC),
                .shortWrite(byteCount: .max, ENOSPC),
            ]
        case .sync: SyncFailure.allCases.map { .sync($0) } + [.error(ENOSPC)]
        case .syncDirectory: [.error(EIO), .error(ENOSPC), .sync(.lies)]
        case .create, .truncate, .allocate, .rename: [.error(EIO), .error(ENOSPC)]
        default: [.error(EIO)]
        }
    }

    /// Runs the workload with a fault; `false` where no call was left for it to hit.
    private func run(_ fault: Fault, _ counts: inout Counts) throws -> Bool {
        let run = LogRun(source: BatchSource(seed: seed))
        run.disk.faults = [fault]
        if case .sync(let failure) = fault.outcome, failure == .lies || failure == .reportedLater {
            run.model.isTrusting = false
        }
        do {
            try run.run(Step.shortScript)
            guard run.disk.faultCount > 0 else { return false }
            counts.runs += 1
            run.disk.faults = []
            for mode in Self.crashes {
                var generator = SeededGenerator(seed: seed &+ UInt64(fault.successCount))
                let image = mode.map { run.disk.crashed($0, using: &generator) } ?? run.disk.killed()
                counts.images += 1
                try CrashCheck(image: image, run: run, isKilled: mode == nil && !run.isCacheLost).run()
            }
        } catch {
            throw failure("faults", error, "\(fault), \(run.disk.trace)")
        }
        return true
    }

    /// A disk that is full from any size on; then there is room again, and everything goes on.
    private func fillDisk(_ counts: inout Counts) throws {
        let whole = LogRun(source: BatchSource(seed: seed))
        try whole.run(Step.shortScript)
        for capacity in stride(from: 0, through: whole.disk.usedByteCount + 4096, by: 4096) {
            let run = LogRun(source: BatchSource(seed: seed))
            run.disk.capacityByteCount = capacity
            do {
                try run.run(Step.shortScript)
                guard run.writer != nil, run.openingCount == whole.openingCount else {
                    throw Violation("full", "a disk of \(capacity) bytes ended the writing for good")
                }
                run.disk.capacityByteCount = nil
                try run.run([.write(1), .sync])
                counts.fullDisks += 1
                for mode in Self.crashes {
                    var generator = SeededGenerator(seed: seed &+ UInt64(capacity))
                    let image = mode.map { run.disk.crashed($0, using: &generator) } ?? run.disk.killed()
                    counts.images += 1
                    try CrashCheck(image: image, run: run, isKilled: mode == nil).run()
                }
            } catch {
                throw failure("faults", error, "capacity \(capacity), \(run.disk.trace)")
            }
        }
    }

    /// Every crash of the workload on a disk that has no byte left: what is there can be read, and nothing is cut.
    private func openOnFullDisk(_ counts: inout Counts) throws {
        let whole = LogRun(source: BatchSource(seed: seed))
        try whole.run(Step.shortScript)
        for stop in 1...whole.disk.operationCount {
            let run = LogRun(source: BatchSource(seed: seed))
            run.disk.stopAt = stop
            try run.run(Step.shortScript)
            for mode in Self.crashes {
                var generator = SeededGenerator(seed: seed &+ UInt64(stop))
                let image = mode.map { run.disk.crashed($0, using: &generator) } ?? run.disk.killed()
                image.capacityByteCount = 0
                counts.fullOpenings += 1
                do {
                    try holdFull(image, run, isKilled: mode == nil)
                } catch {
                    throw failure(
                        "faults", error, "full at stop \(stop), \(mode.map { "\($0)" } ?? "killed")\n\(run.disk.trace)")
                }
            }
        }
    }

    private func holdFull(_ image: SimulatedDisk, _ stopped: LogRun, isKilled: Bool) throws {
        let before = image.contents
        let run = LogRun(disk: image, source: stopped.source)
        run.model = stopped.model
        try run.open(isKilled: isKilled)
        if run.writer?.recovery == nil {
            for (path, bytes) in before where path.hasPrefix("store/seg/") {
                // Without frames it holds nothing; of others what stands in front stays, and the rest is zeros.
                guard bytes.dropFirst(SegmentHeader.byteCount).contains(where: { $0 != 0 }) else { continue }
                let now = image.contents.first { path.hasPrefix($0.key) || $0.key.hasPrefix(path) }?.value
                guard Self.isKept(bytes, in: now ?? []) else {
                    throw Violation("full", "\(path) was cut on a full disk")
                }
            }
        }
        image.capacityByteCount = nil
        try run.run(Step.afterwards)
        try run.close()
        let kept = try FoundLog(LogRun.path, files: image.fileSystem)
        guard kept.batches == run.model.durable else { throw Violation("full", "the log lost batches") }
    }

    private static func isKept(_ bytes: [UInt8], in now: [UInt8]) -> Bool {
        now.starts(with: bytes.prefix(1 + (bytes.lastIndex { $0 != 0 } ?? -1)))
    }

    private func failure(_ command: String, _ error: any Error, _ trace: String) -> Failure {
        Failure(
            arguments: "\(command) --seed \(seed)",
            violation: error as? Violation ?? Violation("error", "\(error)"), trace: trace)
    }
}
