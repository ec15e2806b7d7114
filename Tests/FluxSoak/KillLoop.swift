import Foundation
import TestSupport

/// Kills processes that append, and opens what they leave.
struct KillLoop {
    /// What was done, in numbers.
    struct Counts {
        var stores = 0
        var kills = 0
        var acknowledgements = 0
        var rolls = 0
        var tornTails = 0
        var longestOpening = Duration.zero
    }

    /// How a process is ended.
    private enum End {
        /// Behind a line that it prints.
        case line(Int)
        /// After a time, also while it opens the store.
        case time(Duration)
        /// At a call that changes files, by itself.
        case call(AppendProcess.Stop)

        static func random(using generator: inout SeededGenerator) -> End {
            switch Int.random(in: 0..<(AppendProcess.canFollowCalls ? 3 : 2), using: &generator) {
            case 0: .line(Int.random(in: 1...400, using: &generator))
            case 1: .time(.milliseconds(Int.random(in: 0...100, using: &generator)))
            default:
                .call(
                    AppendProcess.Stop(
                        call: Int.random(in: 1...(1 << Int.random(in: 3...9, using: &generator)), using: &generator),
                        place: AppendProcess.Stop.Place.allCases.randomElement(using: &generator) ?? .within))
            }
        }
    }

    /// Kills on one store before the next is begun.
    private static let killCount = 10

    private(set) var counts = Counts()

    /// Kills some processes on one store, one after the other. Throws what does not hold; the folder is left then.
    mutating func run(seed: UInt64, killCount: Int = killCount) async throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try ScratchFolder(inMemory: seed.isMultiple(of: 2))
        var promises = Promises()
        var segmentCount = 1
        for kill in 0..<killCount {
            do {
                let options = Self.options(
                    at: "\(folder.path)/store", kill: kill, promises, using: &generator)
                let found = try await round(
                    options, in: folder, .random(using: &generator), &promises, using: &generator)
                counts.rolls += max(0, found.segments - segmentCount)
                segmentCount = max(segmentCount, found.segments)
            } catch {
                throw SoakFailure("kill \(kill) of \(folder.path)", error)
            }
        }
        counts.stores += 1
        folder.remove()
    }

    /// Lets a process stop at every call of its own, or every so many, that changes files: each time on an empty store. Three
    /// seeds in a row stop before, within and behind each.
    mutating func runStops(seed: UInt64, every interval: Int) async throws {
        var generator = SeededGenerator(seed: seed)
        var call = 1
        while true {
            let folder = try ScratchFolder(inMemory: false)
            let options = AppendOptions(
                path: "\(folder.path)/store", first: seed, producerCount: 1, count: 12, segmentByteCountMax: 16 << 10)
            var promises = Promises()
            let place = AppendProcess.Stop.Place.allCases[(call / interval + Int(seed % 3)) % 3]
            let kills = counts.kills
            do {
                let found = try await round(
                    options, in: folder, .call(AppendProcess.Stop(call: call, place: place)), &promises,
                    using: &generator)
                counts.rolls += max(0, found.segments - 1)
            } catch {
                throw SoakFailure("stopped \(place) call \(call) in \(folder.path)", error)
            }
            folder.remove()
            if counts.kills == kills { break }
            call += interval
        }
        counts.stores += 1
    }

    private static func options(
        at path: String, kill: Int, _ promises: Promises, using generator: inout SeededGenerator
    ) -> AppendOptions {
        var options = AppendOptions(
            path: path, first: 1 + 1_000_000 * UInt64(kill), producerCount: [1, 256, 8][kill % 3], count: nil,
            segmentByteCountMax: [16 << 10, 64 << 10, 1 << 20].randomElement(using: &generator) ?? 16 << 10)
        options.again = Array(promises.numbers.keys.sorted().suffix(200).shuffled(using: &generator).prefix(4))
        return options
    }

    private mutating func round(
        _ options: AppendOptions, in folder: ScratchFolder, _ end: End, _ promises: inout Promises,
        using generator: inout SeededGenerator
    ) async throws -> Reopening.Found {
        promises.begin(options)
        let before = promises.acknowledgedCount
        for line in try lines(of: options, in: folder, until: end) { try promises.note(line, of: options) }
        counts.acknowledgements += promises.acknowledgedCount - before
        var reopening = Reopening(
            path: options.path, segmentByteCountMax: options.segmentByteCountMax, hasLostPower: false)
        try await reopening.run(&promises, using: &generator)
        counts.tornTails += reopening.found.tornTails
        counts.longestOpening = max(counts.longestOpening, reopening.found.longestOpening)
        return reopening.found
    }

    private mutating func lines(
        of options: AppendOptions, in folder: ScratchFolder, until end: End
    ) throws -> [String] {
        switch end {
        case .line(let count):
            let process = try AppendProcess(options, following: folder.path)
            counts.kills += 1
            return process.read(lineCount: count) + process.kill()
        case .time(let duration):
            let process = try AppendProcess(options, following: folder.path)
            counts.kills += 1
            return process.read(until: .now + duration) + process.kill()
        case .call(let stop):
            let process = try AppendProcess(options, following: folder.path, stop: stop)
            let (lines, isKilled) = process.finish()
            if isKilled { counts.kills += 1 }
            return lines
        }
    }
}
