import FluxLog
import TestSupport

@testable import FluxStore

/// Limits and faults of one run: each run switches on some of them.
struct Settings {
    var log = LogOptions()
    var engine = EngineOptions()
    var lifeCount: Int
    var stepCount: Int
    /// Whether the index is lost, or goes back, when power is.
    var isIndexLossy: Bool
    var faultKinds: [FaultKind] = []

    enum FaultKind: CaseIterable {
        case failedSync, failedWrite, fullDisk, failedBackground
    }

    init(using generator: inout SeededGenerator) {
        log.segmentByteCountMax = [8 << 10, 16 << 10, 64 << 10].randomElement(using: &generator) ?? 0
        log.frameByteCountTarget = [300, 1000, 4000].randomElement(using: &generator) ?? 0
        log.groupByteCountMax = [1, 2000, 64 << 10].randomElement(using: &generator) ?? 0
        log.reserveByteCountMin = [4 << 10, 16 << 10].randomElement(using: &generator) ?? 0
        log.ballast = (16 << 10, 8 << 10)
        engine.queueByteCountMax = [1, 4000, 1 << 20].randomElement(using: &generator) ?? 0
        engine.commit.groupByteCountMax = [1, 3000, 64 << 10].randomElement(using: &generator) ?? 0
        engine.commit.syncDelayNanosecondsMax = 5
        engine.index.batchFrameCount = [1, 7, 2048].randomElement(using: &generator) ?? 0
        engine.index.lagFrameCountMax = [20, 1 << 20].randomElement(using: &generator) ?? 0
        engine.index.retryNanoseconds = 0
        engine.index.youngIDCountMax = [1, 3, 1000].randomElement(using: &generator) ?? 0
        lifeCount = Int.random(in: 2...4, using: &generator)
        stepCount = Int.random(in: 60...400, using: &generator)
        isIndexLossy = Bool.random(using: &generator)
        for kind in FaultKind.allCases where Int.random(in: 0..<4, using: &generator) == 0 { faultKinds.append(kind) }
        let salts = Salts(seed: generator.next())
        log.random = { salts.next() }
    }
}

/// Numbers for salts and ids, the same in every run of a seed.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
final class Salts: @unchecked Sendable {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    func next() -> UInt64 { generator.next() }
}
