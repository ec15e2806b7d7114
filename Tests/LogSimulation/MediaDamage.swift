import FluxFiles
import FluxFormat
import FluxLog
package import SimulatedDisk
package import TestSupport

/// Bytes of a log that the medium has lost or changed although they were synced.
package struct MediaDamage {
    /// What met the damage.
    package enum Outcome: String, Sendable, CaseIterable {
        /// The log was not opened for writing.
        case refused
        /// A reader met it.
        case readingThrew
        /// Nothing else spoke for the last group: it was cut off, with a copy kept.
        case quarantined
        /// Nothing spoke for the last group, and every byte of it is zero: it cannot be told from room that was reserved.
        case erased
        /// It hit nothing that was acknowledged.
        case harmless
    }

    private enum Kind: CaseIterable { case flip, flippedLast, zeroedSector, lostWrite, misdirectedWrite }

    private let image: SimulatedDisk
    private let model: LogModel
    private let source: BatchSource
    private let what: String
    /// The first byte that differs, where it lies.
    private let place: Position
    /// Whether something that still verifies says that this byte was synced.
    private let isPromised: Bool
    private let durableCount: Int

    /// Damages a byte or more of what the log on an image had durable; `nil` where there is nothing to damage.
    package init?(
        to image: SimulatedDisk, since early: SimulatedDisk, _ check: CrashCheck,
        using generator: inout SeededGenerator
    ) throws {
        let sound = image.copy
        sound.isTraced = false
        let found = try FoundLog(LogRun.path, files: sound.fileSystem)
        durableCount = check.model.durable.count
        guard let last = found.batchEnd(durableCount) else { return nil }
        let segment = UInt32.random(in: found.frames[0].position.segment...last.segment, using: &generator)
        let end = segment == last.segment ? last.offset : sound.segmentByteCount(segment, before: found)
        guard let path = sound.segmentPath(segment), end > 0 else { return nil }
        let damaged = sound.copy
        guard let kind = Kind.allCases.randomElement(using: &generator) else { return nil }
        what = Self.damage(damaged, path, kind, end: end, found, segment, since: early, using: &generator)
        guard let before = sound.bytes(of: path), let after = damaged.bytes(of: path),
            let first = zip(before, after).enumerated().first(where: { $1.0 != $1.1 })?.offset, first < end
        else { return nil }
        if kind == .misdirectedWrite { try Self.holdLookups(damaged, sound, found, segment) }
        place = Position(segment: segment, offset: first)
        self.image = damaged
        model = check.model
        source = check.source
        isPromised = Self.isPromised(place, found, sound, before: before, after: after)
    }

    /// Whether the damaged segment has nothing but zeros behind the last batch that is found.
    private func isErased(_ found: FoundLog) -> Bool {
        guard let path = image.segmentPath(place.segment), let bytes = image.bytes(of: path) else { return false }
        let end = found.batchEnd(found.batches.count).flatMap { $0.segment == place.segment ? $0.offset : nil }
        return bytes.dropFirst(end ?? SegmentHeader.byteCount).allSatisfy { $0 == 0 }
    }

    /// Opens the damaged log, and says what met the damage; throws where nothing did.
    package func outcome() throws -> Outcome {
        let disk = image.copy
        let before = disk.contents
        let opened: LogRun.Writer
        do throws(LogError) {
            opened = try LogRun.Writer.open(
                LogRun.path, files: disk.fileSystem, options: LogRun.options, now: { 1_700_000_000_000_000_000 }
            ).writer
        } catch {
            guard Self.isDamage(error) else { throw Violation("damage", "\(what): \(error)") }
            guard disk.contents == before else {
                throw Violation("damage", "\(what): a file was changed, and the log refused: \(error)")
            }
            return .refused
        }
        let found: FoundLog
        do {
            found = try FoundLog(LogRun.path, files: disk.fileSystem, upTo: opened.durableEnd)
        } catch let error as LogError {
            guard Self.isDamage(error) else { throw Violation("damage", "\(what): \(error)") }
            return .readingThrew
        }
        guard model.isPrefix(found.batches) else {
            throw Violation("damage", "\(what): the log holds what was never stored")
        }
        if found.batches.count >= durableCount { return .harmless }
        guard !isPromised else {
            throw Violation("damage", "\(what): nothing was said, though something spoke for it")
        }
        if opened.recovery == nil, isErased(found) { return .erased }
        guard let recovery = opened.recovery, recovery.end <= place,
            let copy = disk.bytes(of: recovery.quarantinePath), copy.count == recovery.tornByteCount
        else { throw Violation("damage", "\(what): cut off, and no copy was kept") }
        return .quarantined
    }

    /// Who looks a frame up by its place gets that frame or none.
    private static func holdLookups(
        _ damaged: SimulatedDisk, _ sound: SimulatedDisk, _ found: FoundLog, _ number: UInt32
    ) throws {
        let directory = try LogDirectory(LogRun.path, files: sound.fileSystem, access: .read)
        guard let listed = directory.segments.first(where: { $0.name.segment == number }) else { return }
        let file = try damaged.fileSystem.open(listed.path, .read)
        let frames = found.frames.filter { $0.position.segment == number }
        let byteCounts = Set(frames.map(\.header.frameByteCount))
        var loader = FrameLoader()
        for frame in frames {
            for byteCount in byteCounts {
                guard
                    let header = try? loader.load(
                        file, segment: listed.header, at: frame.position, byteCount: byteCount)
                else { continue }
                guard header.headerHash == frame.header.headerHash else {
                    throw Violation("lookup", "another frame was found at \(frame.position)")
                }
            }
        }
    }

    private static func isDamage(_ error: LogError) -> Bool {
        switch error {
        case .damaged, .lost, .broken, .unsupported: true
        default: false
        }
    }

    private static func isPromised(
        _ place: Position, _ found: FoundLog, _ disk: SimulatedDisk, before: [UInt8], after: [UInt8]
    ) -> Bool {
        // A later segment tells where this one ended.
        if let last = found.frames.last?.position.segment, place.segment < last { return true }
        if let head = try? LogHead(reading: LogRun.path, files: disk.fileSystem), head.durableEnd > place {
            return true
        }
        return found.frames.contains { frame in
            let header = frame.position.offset..<frame.position.offset + FrameHeader.byteCount
            return frame.position.segment == place.segment && frame.position > place
                && frame.header.durableEnd > place && header.upperBound <= after.count
                && before[header] == after[header]
        }
    }

    private static func damage(
        _ disk: SimulatedDisk, _ path: String, _ kind: Kind, end: Int, _ found: FoundLog, _ segment: UInt32,
        since early: SimulatedDisk, using generator: inout SeededGenerator
    ) -> String {
        let offset = Int.random(in: 0..<end, using: &generator)
        switch kind {
        case .flip:
            disk.flipBit(Int.random(in: 0..<8, using: &generator), at: offset, of: path)
            return "a flip at \(offset) of \(path)"
        case .flippedLast:
            let last = Int.random(in: max(0, end - 600)..<end, using: &generator)
            disk.flipBit(Int.random(in: 0..<8, using: &generator), at: last, of: path)
            return "a flip at \(last) of \(path)"
        case .zeroedSector:
            disk.zeroSector(at: offset, of: path)
            return "zeros in the sector of \(offset) of \(path)"
        case .lostWrite:
            disk.loseWrite(at: offset, of: path, since: early)
            return "a lost write in the sector of \(offset) of \(path)"
        case .misdirectedWrite:
            let frames = found.frames.filter { $0.position.segment == segment && $0.position.offset < end }
            guard let from = frames.randomElement(using: &generator), let to = frames.randomElement(using: &generator)
            else { return "nothing" }
            let start = from.position.offset
            disk.misdirectWrite(
                start..<start + from.header.frameByteCount, of: path, to: to.position.offset, since: early)
            return "the frame at \(start) of \(path) written to \(to.position.offset)"
        }
    }
}

extension FoundLog {
    /// Behind the batch of this number, counted from 1; `nil` where there is none.
    fileprivate func batchEnd(_ count: Int) -> Position? {
        var left = count
        for frame in frames where frame.header.frameKind == .events && frame.header.flags.contains(.batchLast) {
            left -= 1
            guard left == 0 else { continue }
            return Position(
                segment: frame.position.segment, offset: frame.position.offset + frame.header.frameByteCount)
        }
        return nil
    }
}

extension SimulatedDisk {
    /// The file of a segment, under either of its names.
    fileprivate func segmentPath(_ segment: UInt32) -> String? {
        paths.first { $0.hasPrefix("store/seg/\(SegmentName(segment: segment).fileName)") }
    }

    /// Bytes of a segment that another one follows.
    fileprivate func segmentByteCount(_ segment: UInt32, before found: FoundLog) -> Int {
        found.frames.last { $0.position.segment == segment }.map {
            $0.position.offset + $0.header.frameByteCount + SegmentTrailer.byteCount
        } ?? 0
    }
}
