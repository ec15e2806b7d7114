import FluxFiles
import SimulatedDisk
import TestSupport
import Testing

@Suite("Only legal images")
struct LegalImageTests {
    /// What each byte can be after a crash: kept by a model that knows nothing of sectors, changes or modes.
    private struct Possible {
        var durable: [UInt8] = []
        var cached: [UInt8] = []
        /// Every value that a byte had since the last sync.
        var values: [Set<UInt8>] = []
        var sizes: Set<Int> = [0]

        mutating func note(_ bytes: [UInt8]) {
            // What is added may be zeros, whatever was there before a cut.
            for index in cached.count..<max(cached.count, min(bytes.count, values.count)) { values[index].insert(0) }
            cached = bytes
            sizes.insert(bytes.count)
            while values.count < bytes.count { values.append([0]) }
            for (index, byte) in bytes.enumerated() { values[index].insert(byte) }
        }

        mutating func sync() {
            durable = cached
            sizes = [cached.count]
            values = cached.map { [$0] }
        }
    }

    @Test(
        "After random calls, every byte has a value that it had since the last sync", arguments: 0..<40 as Range<UInt64>
    )
    func randomCalls(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let disk = SimulatedDisk(directories: ["d"])
        let file = try disk.open("d/a", .create)
        try disk.fileSystem.syncDirectory("d")
        var possible = Possible()
        for call in 0..<60 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                try file.sync()
                possible.sync()
                #expect(disk.durableBytes(of: "d/a") == possible.durable)
            case 1:
                let byteCount = Int.random(in: 0...3000, using: &generator)
                try file.truncate(to: byteCount)
                let kept = possible.cached.prefix(byteCount)
                possible.note(kept + [UInt8](repeating: 0, count: byteCount - kept.count))
            default:
                let offset = Int.random(in: 0...2000, using: &generator)
                let bytes = [UInt8](repeating: UInt8(call + 1), count: Int.random(in: 1...1500, using: &generator))
                try file.write(bytes, at: offset)
                var expected = possible.cached
                let missing = offset + bytes.count - expected.count
                if missing > 0 { expected += [UInt8](repeating: 0, count: missing) }
                expected.replaceSubrange(offset..<offset + bytes.count, with: bytes)
                possible.note(expected)
            }
            #expect(disk.bytes(of: "d/a") == possible.cached)
            let mode = CrashMode.allCases.randomElement(using: &generator) ?? CrashMode(.nothing, names: .lost)
            let left = try #require(disk.crashed(mode, using: &generator).bytes(of: "d/a"), "\(mode)")
            #expect(mode.bytes == .tornPrefix || possible.sizes.contains(left.count), "\(mode)\n\(disk.trace)")
            let strange = left.indices.first { !possible.values[$0].contains(left[$0]) }
            #expect(strange == nil, "\(mode)\n\(disk.trace)")
        }
    }
}
