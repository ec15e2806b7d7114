import FluxFiles
import FluxFormat

/// What is done to a log that was found before anything is written to it.
///
/// Each step can be done again: after a crash in between, the next opening finds the same log. Without room on the disk
/// nothing is cut, and all of it is tried again later.
struct LogRepair<Files: FileSystem>: Sendable {
    let directory: LogDirectory<Files>
    /// What was found in a last segment without a trailer at its end.
    let tail: LogTail?

    /// Whether what stood behind the last whole batch is cut off, and the end of the log handed to the writer. What is on
    /// the disk is not what was found any more, so it is not done again.
    private var isCut = false
    /// Whether nothing more is to be sealed.
    private var isSealed = false

    init(directory: LogDirectory<Files>, tail: LogTail?) {
        self.directory = directory
        self.tail = tail
    }

    /// Does what is not done yet, and hands the end of the log to the writer.
    mutating func run(on writer: LogWriter<Files>) throws(LogError) {
        do throws(IOError) {
            try cut(writer)
        } catch {
            throw LogError(error)
        }
        if !isSealed, tail.map({ $0.trailer == nil && $0.end > SegmentHeader.byteCount }) ?? false, !isClean {
            // Never append to a file after an unclean stop: old blocks may come back behind its end.
            try writer.seal()
        }
        isSealed = true
        do throws(IOError) {
            let head = try HeadFile(
                directory.path, files: directory.files, previous: directory.head, storeID: writer.storeID,
                writerEpoch: writer.writerEpoch)
            try head.write(writer.headContent(.open))
            writer.head = head
        } catch {
            throw LogError(error)
        }
    }

    private mutating func cut(_ writer: LogWriter<Files>) throws(IOError) {
        guard !isCut else { return }
        try finishRolls()
        try trimSealed()
        if let last = directory.last, let tail {
            writer.recovery = try repair(last, tail, writer)
            if let recovery = writer.recovery { writer.options.observer?.note(.recovered(recovery)) }
        }
        isCut = true
    }

    /// Whether a writer closed the log in order and nothing stands behind its end.
    var isClean: Bool {
        guard let tail, let last = directory.last, let head = directory.head else { return false }
        return head.state == .clean && head.durableEnd.segment == last.name.segment
            && head.durableEnd.offset == tail.end && tail.rest == .nothing && last.byteCount == tail.end
    }

    /// Names what was renamed only in part, and removes files that hold nothing, or that the log has given up.
    private func finishRolls() throws(IOError) {
        let segments = directory.segmentDirectory
        for name in directory.unnamed {
            let spare = "\(segments)/\(name.spareFileName)"
            // It has its name where an earlier try got so far.
            guard try directory.files.kind(of: spare) != nil else { continue }
            try directory.files.rename(spare, to: "\(segments)/\(name.fileName)")
        }
        let given = directory.unused + directory.leftovers
        for name in given { try directory.files.remove("\(segments)/\(name)") }
        guard !directory.unnamed.isEmpty || !given.isEmpty else { return }
        try directory.files.syncDirectory(segments)
    }

    /// Gives back what sealed segments had reserved, where a roll did not come to that.
    private func trimSealed() throws(IOError) {
        for segment in directory.segments.dropLast() where segment.isSealed && segment.byteCount > segment.end.offset {
            let file = try directory.files.open("\(directory.segmentDirectory)/\(segment.name.fileName)", .readWrite)
            // What is not zeros was not reserved: it is left to who looks into it.
            guard try file.isZero(from: segment.end.offset) else { continue }
            try file.truncate(to: segment.end.offset)
            try file.sync()
        }
    }

    /// Cuts a segment where its last whole batch ends; what stood behind is kept as a copy.
    private func repair(
        _ segment: SegmentFile<Files.File>, _ tail: LogTail, _ writer: LogWriter<Files>
    ) throws(IOError) -> LogRecovery? {
        let recovery = try quarantine(segment, tail)
        if segment.byteCount > tail.end {
            try segment.file.truncate(to: tail.end)
            try segment.file.sync()
        }
        // A trailer that was found before reserved room ends the segment; one without frames is begun anew.
        guard tail.trailer == nil, tail.end > SegmentHeader.byteCount else { return recovery }
        writer.resume(ActiveSegment(segment, tail: tail))
        writer.adopt(tail.frames)
        return recovery
    }

    /// Copies what stands behind the last whole batch, where it is not all zeros.
    private func quarantine(_ segment: SegmentFile<Files.File>, _ tail: LogTail) throws(IOError) -> LogRecovery? {
        let reason: LogError
        var isSuspect = false
        switch tail.rest {
        case .nothing: return nil
        case .damaged: preconditionFailure("damage is refused before anything is repaired")
        case .torn(let error): reason = error
        case .suspect(let error): (reason, isSuspect) = (error, true)
        }
        let files = directory.files
        let quarantine = "\(directory.path)/\(LogRecovery.quarantineName)"
        try files.makeDirectory(quarantine)
        try files.syncDirectory(directory.path)
        let path = try freePath(
            "\(quarantine)/\(segment.name.fileName).\(tail.end)\(isSuspect ? LogRecovery.suspectSuffix : "")", segment,
            tail)
        let copy = try files.open(path, .createIfMissing)
        try copy.truncate(to: 0)
        try segment.file.copy(tail.end..<tail.contentEnd, to: copy)
        try copy.sync()
        let recovery = LogRecovery(
            end: Position(segment: segment.name.segment, offset: tail.end),
            tornByteCount: tail.contentEnd - tail.end, quarantinePath: path, isSuspect: isSuspect,
            reason: "\(reason)")
        let report = try files.open("\(path).txt", .createIfMissing)
        try report.truncate(to: 0)
        try report.write(Array("\(recovery.report)\n".utf8), at: 0)
        try report.sync()
        try files.syncDirectory(quarantine)
        return recovery
    }

    /// A name under which no other bytes are kept: the same ones may lie there from a recovery that was interrupted.
    private func freePath(
        _ path: String, _ segment: SegmentFile<Files.File>, _ tail: LogTail
    ) throws(IOError) -> String {
        var candidate = path
        var number = 0
        while try directory.files.kind(of: candidate) != nil {
            let kept = try directory.files.open(candidate, .read)
            if try segment.file.hasSameBytes(as: kept, tail.end..<tail.contentEnd) { break }
            number += 1
            candidate = "\(path)-\(number)"
        }
        return candidate
    }
}

extension StoredFile {
    private static var copyByteCount: Int { 1 << 20 }

    /// Copies a range to the start of another file.
    func copy(_ range: Range<Int>, to target: some StoredFile) throws(IOError) {
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: Self.copyByteCount) {
            let byteCount = min(Self.copyByteCount, range.upperBound - offset)
            try target.write(try read(byteCount: byteCount, at: offset), at: offset - range.lowerBound)
        }
    }

    /// Whether another file starts with the bytes of a range, as far as it goes.
    fileprivate func hasSameBytes(as other: some StoredFile, _ range: Range<Int>) throws(IOError) -> Bool {
        let byteCount = try other.byteCount()
        guard byteCount <= range.count else { return false }
        for offset in stride(from: 0, to: byteCount, by: Self.copyByteCount) {
            let count = min(Self.copyByteCount, byteCount - offset)
            guard
                try read(byteCount: count, at: range.lowerBound + offset)
                    == other.read(byteCount: count, at: offset)
            else { return false }
        }
        return true
    }
}
