import Dispatch
import FluxFiles
import FluxFormat
import FluxLog
package import SimulatedDisk
import Synchronization
import TestSupport

/// A crash at every call of the scripted workload, and again inside the recovery behind it.
package struct CrashSweep: Sendable {
    /// Stops whose recovery is stopped at every call.
    package var chosenStopCount = 20
    package var seed: UInt64
    /// Of so many stops one is taken.
    package var stopInterval = 1

    package init(seed: UInt64 = 1) {
        self.seed = seed
    }

    /// How one image comes about. Without a mode the process is killed and the disk goes on.
    package struct Case: Sendable {
        package var stop: Int
        package var mode: CrashMode?
        /// The call of the recovery at which power is lost again.
        package var inner: Int?
        package var innerMode: CrashMode?

        package init(stop: Int, mode: CrashMode?, inner: Int? = nil, innerMode: CrashMode? = nil) {
            self.stop = stop
            self.mode = mode
            self.inner = inner
            self.innerMode = innerMode
        }
    }

    /// What a sweep has done.
    package struct Counts: Sendable {
        package var stops = 0
        package var images = 0
        package var innerImages = 0
        package var tornImages = 0
        package var suspectImages = 0

        mutating func add(_ other: Counts) {
            stops += other.stops
            images += other.images
            innerImages += other.innerImages
            tornImages += other.tornImages
            suspectImages += other.suspectImages
        }

        mutating func add(_ seen: CrashCheck.Seen) {
            tornImages += seen.isTorn ? 1 : 0
            suspectImages += seen.isSuspect ? 1 : 0
        }
    }

    private static let modes: [CrashMode?] = [nil] + CrashMode.allCases
    private static let innerModes = [
        CrashMode(.randomSectors, names: .eachAtRandom), CrashMode(.nothing, names: .lost),
    ]

    /// Runs all of it on all processors, and throws the first failure.
    package func run() throws -> Counts {
        let operationCount = try stopped(at: nil).disk.operationCount
        let total = Mutex(Counts())
        let failure = Mutex<Failure?>(nil)
        let chosen = Set(
            (0..<chosenStopCount).map { $0 * operationCount / max(1, chosenStopCount) / stopInterval * stopInterval })
        DispatchQueue.concurrentPerform(iterations: operationCount / stopInterval + 1) { index in
            let stop = index * stopInterval
            guard failure.withLock({ $0 == nil }) else { return }
            do {
                let counts = try sweep(stop: stop, isChosen: chosen.contains(stop))
                total.withLock { $0.add(counts) }
            } catch {
                let found =
                    error as? Failure
                    ?? Failure(arguments: "crash --stop \(stop)", violation: Violation("error", "\(error)"), trace: "")
                failure.withLock { $0 = $0 ?? found }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return total.withLock { $0 }
    }

    private func sweep(stop: Int, isChosen: Bool) throws -> Counts {
        var counts = Counts()
        counts.stops = 1
        let run = try stopped(at: stop)
        for (index, mode) in Self.modes.enumerated() {
            let outer = Case(stop: stop, mode: mode)
            let check = CrashCheck(image: image(of: outer, run), run: run, isKilled: mode == nil)
            let seen = try attempt(outer) { try check.run(decodes: index == stop % Self.modes.count) }
            counts.images += 1
            counts.add(seen)
            guard seen.openingCount > 0 else { continue }
            var generator = SeededGenerator(seed: seed ^ UInt64(stop << 8 | index))
            let inner =
                isChosen && index == stop % Self.modes.count
                ? Array(0..<seen.openingCount) : [Int.random(in: 0..<seen.openingCount, using: &generator)]
            for place in inner {
                let modes =
                    isChosen ? Self.innerModes : CrashMode.allCases.randomElement(using: &generator).map { [$0] } ?? []
                for innerMode in modes {
                    let inside = Case(stop: stop, mode: mode, inner: place, innerMode: innerMode)
                    _ = try attempt(inside) { try self.check(inside, check) }
                    counts.innerImages += 1
                }
            }
        }
        return counts
    }

    /// Runs one case alone, with a trace.
    package func run(_ one: Case) throws {
        let run = try stopped(at: one.stop, isTraced: true)
        let check = CrashCheck(image: image(of: one, run), run: run, isKilled: one.mode == nil)
        do {
            if one.inner == nil { try check.run(decodes: true) } else { try self.check(one, check) }
        } catch {
            throw failure(one, error, trace: "\(run.disk.trace)")
        }
    }

    private func check(_ inside: Case, _ outer: CrashCheck) throws {
        let disk = outer.image.copy
        disk.stopAt = inside.inner
        let run = LogRun(disk: disk, source: outer.source)
        run.model = outer.model
        do {
            try run.open(isKilled: outer.isKilled)
        } catch is LogRun.Ended {
        }
        guard let mode = inside.innerMode else { return }
        var generator = SeededGenerator(seed: seed ^ UInt64(inside.stop << 16 | (inside.inner ?? 0)))
        let image = disk.crashed(mode, using: &generator)
        var check = CrashCheck(image: image, model: outer.model, source: outer.source, isKilled: false)
        // On a disk that lost power nothing waits for a sync: what stands behind the end stays until it is copied.
        if !outer.isKilled { check.keptTail = Self.tail(of: outer.image) }
        try check.run()
    }

    /// What an opening would cut off.
    private static func tail(of image: SimulatedDisk) -> [UInt8] {
        let copy = image.copy
        copy.isTraced = false
        guard let found = try? UnopenedLog(LogRun.path, files: copy.fileSystem), let tail = found.tail,
            let last = found.directory.last, tail.contentEnd > tail.end,
            let bytes = copy.bytes(of: last.file.path)
        else { return [] }
        return Array(bytes[tail.end..<tail.contentEnd])
    }

    private func stopped(at stop: Int?, isTraced: Bool = false) throws -> LogRun {
        let run = LogRun(source: BatchSource(seed: seed))
        run.disk.isTraced = isTraced
        run.disk.stopAt = stop
        do {
            try run.run(Step.script)
        } catch {
            throw failure(Case(stop: stop ?? -1, mode: nil), error, trace: "\(run.disk.trace)")
        }
        return run
    }

    private func image(of one: Case, _ run: LogRun) -> SimulatedDisk {
        guard let mode = one.mode else { return run.disk.killed() }
        var generator = SeededGenerator(seed: seed ^ UInt64(one.stop))
        return run.disk.crashed(mode, using: &generator)
    }

    private func attempt<Result>(_ one: Case, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            // Once more, with the calls that led there.
            try run(one)
            throw failure(one, error, trace: "")
        }
    }

    private func failure(_ one: Case, _ error: any Error, trace: String) -> Failure {
        var arguments = "crash --seed \(seed) --stop \(one.stop)"
        if let mode = one.mode { arguments += " --mode \(mode.bytes.rawValue)/\(mode.names.rawValue)" }
        if let inner = one.inner { arguments += " --inner \(inner)" }
        if let mode = one.innerMode { arguments += " --inner-mode \(mode.bytes.rawValue)/\(mode.names.rawValue)" }
        let violation = error as? Violation ?? Violation("error", "\(error)")
        return Failure(arguments: arguments, violation: violation, trace: trace)
    }
}
