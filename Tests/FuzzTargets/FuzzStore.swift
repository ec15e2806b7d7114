import FluxFormat
import FluxLog

/// The files of a store, packed into an input.
///
/// `{u8 level}`, then for each file `{u8 segment, u8 look, u32 length, bytes}`. Segment 0 is HEAD: its slots of 128 bytes one
/// behind the other. Of a segment the bytes are the first 128 of its header, then its frames.
struct FuzzStore {
    private static let headerByteCount = 128
    private static let reservedByteCount = 8192
    private static let segmentMax = 7

    /// Paths below the store, and what stands there.
    private(set) var files: [(path: String, bytes: [UInt8])] = []

    /// What a file of a segment looks like, by its bits.
    private struct Look: OptionSet {
        let rawValue: UInt8
        /// It has the name of a spare.
        static let isSpare = Look(rawValue: 1)
        /// Zeros stand behind it.
        static let hasRoom = Look(rawValue: 2)
        /// It has the name of the next generation.
        static let isRewritten = Look(rawValue: 4)
    }

    init(_ input: inout FuzzInput) {
        let level = input.stampLevel()
        var link = Stamp.Link()
        while !input.isAtEnd, files.count < 2 * Self.segmentMax {
            let number = UInt32(Int(input.byte()) % (Self.segmentMax + 1))
            let look = Look(rawValue: input.byte())
            let bytes = input.take(input.number32())
            let file = number == 0 ? Self.head(bytes, level) : Self.segment(number, look, bytes, level, &link)
            if !files.contains(where: { $0.path == file.path }) { files.append(file) }
        }
    }

    private static func head(_ packed: [UInt8], _ level: StampLevel) -> (path: String, bytes: [UInt8]) {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: packed.count, by: HeadSlot.byteCount) {
            var slot = Array(packed[start..<min(start + HeadSlot.byteCount, packed.count)])
            if level != .none, slot.count == HeadSlot.byteCount {
                slot.store(Stamp.hash(slot, 0..<120, seed: 0), at: 120)
            }
            bytes += slot + [UInt8](repeating: 0, count: HeadSlot.strideByteCount - slot.count)
        }
        return (LogHead.fileName, bytes)
    }

    private static func segment(
        _ number: UInt32, _ look: Look, _ packed: [UInt8], _ level: StampLevel, _ link: inout Stamp.Link
    ) -> (path: String, bytes: [UInt8]) {
        let name = SegmentName(segment: number, generation: look.contains(.isRewritten) ? 1 : 0)
        var bytes = Array(packed.prefix(headerByteCount))
        if bytes.count == headerByteCount {
            bytes += [UInt8](repeating: 0, count: SegmentHeader.byteCount - headerByteCount)
            if level == .chain {
                bytes.store(number, at: 32)
                bytes.store(name.generation, at: 36)
                bytes.store(link.end.rawValue, at: 56)
                bytes.store(link.lastHash, at: 64)
                bytes.store(link.nextSequence, at: 72)
            }
            // Without level `none` there is a hash to be put right.
            if level != .none { bytes.store(Stamp.hash(bytes, 0..<4088, seed: 0), at: 4088) }
            let salts = [40, 48].map { bytes.rawSpan.load(at: $0, as: UInt64.self) }
            bytes += packed.dropFirst(headerByteCount)
            Stamp.frames(
                &bytes, from: SegmentHeader.byteCount, segment: number, segmentSalt: salts[0], storeSalt: salts[1],
                level, &link)
        }
        if look.contains(.hasRoom) { bytes += [UInt8](repeating: 0, count: reservedByteCount) }
        return ("\(SegmentName.directory)/\(look.contains(.isSpare) ? name.spareFileName : name.fileName)", bytes)
    }
}
