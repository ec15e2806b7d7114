package import FluxFiles
package import FluxFormat

/// What the slots of the file HEAD say together.
package struct LogHead: Sendable, Equatable {
    package static let fileName = "HEAD"

    package let storeID: StoreID
    /// As the newest slot has it.
    package let state: HeadSlot.State
    /// The furthest of all slots: the newest may have been written from an older state.
    package let durableEnd: Position
    /// The sequence of the first frame behind ``durableEnd``.
    package let nextFrameSequence: UInt64
    package let lastFrameHash: UInt64
    /// The first segment that belongs to the log: the greatest that any slot names, since it never goes back.
    package let oldestSegment: UInt32
    package let generation: UInt64
    /// Whether every slot verifies or was never written. One that is being written does not, and what it said is missing.
    package let isWhole: Bool

    /// `nil` without a slot that verifies.
    package init?(_ slots: [HeadSlot?], isWhole: Bool = true) {
        let slots = slots.compactMap(\.self)
        guard let newest = slots.max(by: { $0.generation < $1.generation }) else { return nil }
        let own = slots.filter { $0.storeID == newest.storeID }
        let furthest = own.reduce(newest) {
            ($0.durableEnd, $0.generation) < ($1.durableEnd, $1.generation) ? $1 : $0
        }
        storeID = newest.storeID
        state = newest.state
        generation = newest.generation
        oldestSegment = own.reduce(0) { max($0, $1.oldestSegment) }
        durableEnd = furthest.durableEnd
        nextFrameSequence = furthest.nextFrameSequence
        lastFrameHash = furthest.lastFrameHash
        self.isWhole = isWhole
    }

    /// Reads HEAD of a store; `nil` where it is missing or no slot verifies.
    package init?(reading path: String, files: some FileSystem) throws(LogError) {
        let slots: (found: [HeadSlot?], areWhole: Bool)
        do throws(IOError) {
            let file = try files.open("\(path)/\(Self.fileName)", .read)
            slots = try Self.slots(of: file)
        } catch {
            if error.isMissing { return nil }
            throw .io(error)
        }
        self.init(slots.found, isWhole: slots.areWhole)
    }

    /// The slots of a file, those that verify, and whether the others were never written.
    private static func slots(of file: some StoredFile) throws(IOError) -> (found: [HeadSlot?], areWhole: Bool) {
        var slots: [HeadSlot?] = []
        var areWhole = true
        for slot in 0..<HeadSlot.count {
            let bytes = try file.read(byteCount: HeadSlot.byteCount, at: slot * HeadSlot.strideByteCount)
            // A slot that does not verify is no evidence.
            let found = try? HeadSlot(parsing: bytes.rawSpan, slot: slot)
            if found == nil, !bytes.rawSpan.isZero { areWhole = false }
            slots.append(found)
        }
        return (slots, areWhole)
    }
}
