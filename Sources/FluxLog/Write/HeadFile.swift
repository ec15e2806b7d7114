import FluxFiles
import FluxFormat
import Synchronization

/// Writes the file HEAD.
///
/// Slots 0 and 1 take turns and are synced. Slot 2 is written after each sync of the log and is left to the system: no
/// torn write of it can take a synced slot with it.
final class HeadFile<File: StoredFile>: Sendable {
    private let file: File
    private let storeID: StoreID
    private let writerEpoch: UInt32
    private let generation: Mutex<Generation>

    private struct Generation {
        var last: UInt64
        var nextSlot: Int
        /// The oldest segment that was made durable: a slot that was filled in earlier must not take it back.
        var oldestSegment: UInt32
    }

    /// What one slot is to say.
    struct Content {
        var state: HeadSlot.State
        var durableEnd: Position
        var nextFrameSequence: UInt64
        var lastFrameHash: UInt64
        var oldestSegment: UInt32
    }

    /// Opens HEAD of a store, and makes it where it is missing.
    init(
        _ path: String, files: some FileSystem<File>, previous: LogHead?, storeID: StoreID, writerEpoch: UInt32
    ) throws(IOError) {
        file = try files.open("\(path)/\(LogHead.fileName)", .createIfMissing)
        self.storeID = storeID
        self.writerEpoch = writerEpoch
        let fullByteCount = HeadSlot.count * HeadSlot.strideByteCount
        if try file.byteCount() < fullByteCount {
            // With its blocks there, writing a slot needs no room on the disk.
            try file.write([UInt8](repeating: 0, count: fullByteCount), at: 0)
        }
        try files.syncDirectory(path)
        generation = Mutex(
            Generation(
                last: previous?.generation ?? 0, nextSlot: 0, oldestSegment: previous?.oldestSegment ?? 0))
        // The slot that is not overwritten first is the newer of the two.
        let newer = try Self.newerSyncedSlot(of: file)
        generation.withLock { $0.nextSlot = 1 - newer }
    }

    /// Writes a slot and makes it durable.
    func write(_ content: Content) throws(IOError) {
        let (generation, slot) = generation.withLock { generation in
            generation.last += 1
            defer { generation.nextSlot = 1 - generation.nextSlot }
            return (generation.last, generation.nextSlot)
        }
        try write(content, generation: generation, slot: slot)
        try file.sync()
        self.generation.withLock { $0.oldestSegment = max($0.oldestSegment, content.oldestSegment) }
    }

    /// Writes the slot that the system may write when it likes. After the sync of what it says, never before.
    func writeLazily(_ content: Content) throws(IOError) {
        let generation = generation.withLock { generation in
            generation.last += 1
            return generation.last
        }
        try write(content, generation: generation, slot: HeadSlot.lazySlot)
    }

    private func write(_ content: Content, generation: UInt64, slot: Int) throws(IOError) {
        let oldestSegment = self.generation.withLock { max($0.oldestSegment, content.oldestSegment) }
        let bytes = HeadSlot(
            storeID: storeID, generation: generation, state: content.state, durableEnd: content.durableEnd,
            nextFrameSequence: content.nextFrameSequence, lastFrameHash: content.lastFrameHash,
            oldestSegment: oldestSegment, writerEpoch: writerEpoch)
        try file.write(bytes.encoded(inSlot: slot), at: slot * HeadSlot.strideByteCount)
    }

    private static func newerSyncedSlot(of file: File) throws(IOError) -> Int {
        var generations: [UInt64] = []
        for slot in 0..<HeadSlot.lazySlot {
            let bytes = try file.read(byteCount: HeadSlot.byteCount, at: slot * HeadSlot.strideByteCount)
            generations.append((try? HeadSlot(parsing: bytes.rawSpan, slot: slot))?.generation ?? 0)
        }
        return generations[1] > generations[0] ? 1 : 0
    }
}
