package import FluxFormat
package import FluxLog
import TestSupport

/// Batches as several recorders send them: executions that are open at once, cut at any frame. The same for a seed.
package struct BatchSource {
    /// Executions that are open at once.
    private static let openCountMax = 4
    private static let frameByteCountTarget = 300
    /// One execution of so many has an event in pieces.
    private static let piecesInterval: UInt64 = 23

    private let seed: UInt64
    private var generator: SeededGenerator
    private var open: [Open] = []
    private var begunCount: UInt64 = 0
    private var storeSalt: UInt64 = 0
    /// The frames of all executions that were begun under that salt, in order.
    private var begun: [EncodedBatch] = []
    /// All executions that were begun.
    package private(set) var executions: [ExecutionID: Execution] = [:]

    private struct Open {
        let batch: EncodedBatch
        var next = 0
    }

    package init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
    }

    /// Goes on for a store of this salt. Under another one, executions that are open stay so.
    package mutating func use(storeSalt: UInt64) {
        guard storeSalt != self.storeSalt else { return }
        self.storeSalt = storeSalt
        open = []
        begun = []
    }

    /// Goes on behind what is stored, as recorders that ask for the next event that is expected.
    package mutating func goOn(behind stored: [BatchKey]) {
        var frameCounts: [ExecutionID: Int] = [:]
        for key in stored { frameCounts[key.id, default: 0] += key.frameCount }
        open = begun.compactMap { batch in
            guard let count = frameCounts[batch.executionID], count < batch.frames.count else { return nil }
            return Open(batch: batch, next: count)
        }
    }

    /// Some batches, each of up to five frames.
    package mutating func next(_ count: Int) -> [EncodedBatch] { (0..<count).map { _ in nextBatch() } }

    private mutating func nextBatch() -> EncodedBatch {
        var index = Int.random(in: 0..<Self.openCountMax, using: &generator)
        if index >= open.count {
            index = open.count
            begin()
        }
        let batch = open[index].batch
        let first = open[index].next
        let count = Int.random(in: 1...5, using: &generator)
        let end = min(first + count, batch.frames.count)
        open[index].next = end
        var frames = Array(batch.frames[first..<end])
        frames[0].header.flags.insert(.batchFirst)
        frames[frames.count - 1].header.flags.insert(.batchLast)
        let isLast = end == batch.frames.count
        if isLast { open.remove(at: index) }
        return EncodedBatch(
            executionID: batch.executionID, frames: frames, firstEvent: UInt64(frames[0].header.firstEvent),
            eventCount: frames.reduce(0) { $0 + UInt64($1.header.eventCount) }, isLast: isLast)
    }

    private mutating func begin() {
        begunCount += 1
        let eventCount = Int.random(in: 1...12, using: &generator)
        var execution = Sample.execution(
            seed: seed << 20 | begunCount, eventCount: eventCount, payloadByteCountMax: 120)
        if begunCount % Self.piecesInterval == 3 {
            // Compresses to almost nothing, so that the disk stays small.
            execution.events[0].payload = [UInt8](repeating: 5, count: FormatLimit.pieceByteCount + 1000)
        }
        executions[execution.id] = execution
        begun.append(batch(of: execution))
        open.append(Open(batch: begun[begun.count - 1]))
    }

    private func batch(of execution: Execution) -> EncodedBatch {
        do throws(LogError) {
            var encoder = try BatchEncoder(
                execution, encoder: FrameEncoder(storeSalt: storeSalt),
                frameByteCountTarget: Self.frameByteCountTarget)
            guard let batch = encoder.next() else { preconditionFailure("a sample without a batch") }
            var frames = batch.frames
            for index in frames.indices { frames[index].header.flags.subtract([.batchFirst, .batchLast]) }
            return EncodedBatch(
                executionID: batch.executionID, frames: frames, firstEvent: batch.firstEvent,
                eventCount: batch.eventCount, isLast: batch.isLast)
        } catch {
            preconditionFailure("a sample that cannot be stored: \(error)")
        }
    }
}
