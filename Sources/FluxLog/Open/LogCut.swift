package import FluxFiles
package import FluxFormat

/// Cuts the last segment where its last whole batch ends, though something may promise more.
package struct LogCut<Files: FileSystem>: Sendable {
    /// Ends the name of the copy of what is cut.
    package static var suffix: String { ".cut" }

    private let directory: LogDirectory<Files>
    private let tail: LogTail?
    /// Behind the last whole batch.
    package let end: Position

    /// Looks at the last segment. Throws what is damaged before it. The caller holds the store's lock.
    package init(_ path: String, files: Files, evidence: LogEvidence) throws(LogError) {
        directory = try LogDirectory(path, files: files, access: .readWrite)
        if let damage = directory.damage.first { throw damage }
        guard let last = directory.last else {
            throw .broken(path: directory.segmentDirectory, reason: "there is no segment to cut")
        }
        let evidence = evidence.combined(with: directory.head?.evidence ?? .none)
        tail = try last.trailer == nil ? LogTail(walking: last, evidence: evidence) : nil
        end = tail.map { Position(segment: last.name.segment, offset: $0.end) } ?? last.end
    }

    /// Bytes behind the last whole batch, without the zeros at their end.
    package var byteCount: Int { tail.map { $0.contentEnd - $0.end } ?? 0 }

    /// Copies what stands behind the end and `report` into the quarantine, cuts, and takes back what HEAD may promise more.
    ///
    /// Returns the path of the report. Can be done again after a crash.
    package func run(report: [String]) throws(LogError) -> String {
        guard let last = directory.last else { preconditionFailure("a cut of no segment") }
        let files = directory.files
        let quarantine = "\(directory.path)/\(LogRecovery.quarantineName)"
        do throws(IOError) {
            try files.makeDirectory(quarantine)
            try files.syncDirectory(directory.path)
            let path = try freePath("\(quarantine)/\(last.name.fileName).\(end.offset)\(Self.suffix)")
            let copy = try files.open(path, .create)
            try last.file.copy(end.offset..<end.offset + byteCount, to: copy)
            try copy.sync()
            let text = try files.open("\(path).txt", .createIfMissing)
            try text.write(Array((report.joined(separator: "\n") + "\n").utf8), at: 0)
            try text.sync()
            try files.syncDirectory(quarantine)
            if last.byteCount > end.offset {
                try last.file.truncate(to: end.offset)
                try last.file.sync()
            }
            try putHeadRight(last)
            return "\(path).txt"
        } catch {
            throw LogError(error)
        }
    }

    /// Removes HEAD, or has it say where a log begins of which the front was dropped: nothing else does.
    private func putHeadRight(_ last: SegmentFile<Files.File>) throws(IOError) {
        let files = directory.files
        let path = "\(directory.path)/\(LogHead.fileName)"
        if let head = directory.head, directory.firstFrameSequence > 0 {
            let chain = last.trailer.map { SegmentChain($0, end: end) }
            let slot = HeadSlot(
                storeID: head.storeID, generation: head.generation + 1, state: .open, durableEnd: end,
                nextFrameSequence: tail?.nextFrameSequence ?? chain?.nextFrameSequence ?? 0,
                lastFrameHash: tail?.lastFrameHash ?? chain?.lastFrameHash ?? 0, oldestSegment: head.oldestSegment,
                writerEpoch: last.header.writerEpoch)
            let file = try files.open("\(path).new", .createIfMissing)
            try file.truncate(to: 0)
            try file.write(slot.encoded(inSlot: 0), at: 0)
            try file.sync()
            try files.rename("\(path).new", to: path)
        } else {
            try files.remove(path)
        }
        try files.syncDirectory(directory.path)
    }

    private func freePath(_ path: String) throws(IOError) -> String {
        var candidate = path
        var number = 0
        while try directory.files.kind(of: candidate) != nil {
            number += 1
            candidate = "\(path)-\(number)"
        }
        return candidate
    }
}
