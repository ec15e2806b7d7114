import Foundation
import FuzzTargets
import TestSupport
import Testing

@Suite("Inputs of the fuzzers")
struct FuzzTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/fuzz").path(percentEncoded: false)

    @Test("Each holds what its target asks of it", arguments: FuzzTarget.all.map(\.name))
    func inputs(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/\(name)").sorted()
        #expect(!names.isEmpty)
        for input in names {
            let bytes = try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name)/\(input)"))
            await holds(target, [UInt8](bytes), input)
        }
    }

    @Test("Cut at any byte, or changed, the inputs to start from hold it too", arguments: FuzzTarget.all.map(\.name))
    func mutations(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        var generator = SeededGenerator(seed: 1)
        for (input, bytes) in try #require(try FuzzSeeds().inputs[name]) {
            await holds(target, bytes, input)
            for number in 0..<5 {
                var changed = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &generator)))
                if number.isMultiple(of: 2) { changed = bytes }
                changed[Int.random(in: 1..<max(2, changed.count), using: &generator) % changed.count] ^= 0x41
                await holds(target, changed, "\(input), \(number)")
            }
        }
    }

    /// A target may wait for a task, so it has a thread that no task needs.
    private func holds(_ target: FuzzTarget, _ bytes: [UInt8], _ input: String) async {
        let failure: String? = await withCheckedContinuation { continuation in
            Thread {
                do {
                    try target.run(bytes)
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: "\(error)")
                }
            }.start()
        }
        #expect(failure == nil, "\(target.name)/\(input)")
    }

    private static let target = ProcessInfo.processInfo.environment["FLUX_FUZZ_SEEDS"]

    @Test("The inputs to start from are made anew", .enabled(if: target != nil, "FLUX_FUZZ_SEEDS names no folder"))
    func seeds() throws {
        for (name, inputs) in try FuzzSeeds().inputs {
            let folder = "\(try #require(Self.target))/\(name)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (input, bytes) in inputs { try Data(bytes).write(to: URL(filePath: "\(folder)/\(input)")) }
        }
    }
}
