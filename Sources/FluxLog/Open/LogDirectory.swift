package import FluxFiles
package import FluxFormat

/// The files of a log, as they lie on the disk.
package struct LogDirectory<Files: FileSystem>: Sendable {
    package let files: Files
    /// The store's directory.
    package let path: String
    /// What the file HEAD says; `nil` where it is missing or says nothing that verifies.
    package private(set) var head: LogHead?
    /// The segments in order, each with a verified header; their files are closed again.
    package private(set) var segments: [ListedSegment] = []
    /// The last of them, which stays open.
    package private(set) var last: SegmentFile<Files.File>?
    /// What does not fit together: missing files, broken chains, headers that do not verify.
    package private(set) var damage: [LogError] = []
    /// Files that were made ahead of time, or whose header was never finished: they hold nothing.
    package private(set) var unused: [String] = []
    /// Files that the log has given up: segments before the oldest, and what is left of a rewriting that was interrupted.
    package private(set) var leftovers: [String] = []
    /// Generations that another replaced. An index may still name places in them.
    package private(set) var superseded: [SegmentName] = []
    /// Segments that still have the name of a spare.
    private(set) var unnamed: [SegmentName] = []

    /// The sequence of the first frame of a log of which the front was dropped; 0 of any other.
    package var firstFrameSequence: UInt64 {
        guard let first = segments.first?.header, first.previousEnd != .zero else { return 0 }
        return first.firstFrameSequence
    }

    package var segmentDirectory: String { "\(path)/\(SegmentName.directory)" }

    /// Lists and opens the segments. Throws only what makes the whole log unreadable: a disk that fails, or a segment
    /// of a later version.
    package init(_ path: String, files: Files, access: FileAccess) throws(LogError) {
        self.files = files
        self.path = path
        head = try LogHead(reading: path, files: files)
        var entries = try SegmentListing(of: segmentDirectory, files: files)
        leftovers = entries.unfinished + entries.removeNames(before: head?.oldestSegment ?? 0)
        unused = entries.spares.map(\.spareFileName)
        for name in entries.names { try open(name, entries, access) }
        try findTrailers()
        try passOverUnfinished(entries)
        findGaps(firstName: entries.names.first)
        checkHead()
        doubtLastTrailer()
    }

    /// Opens a segment; of several generations the highest that is whole, and the others are left over.
    private mutating func open(
        _ name: SegmentName, _ entries: SegmentListing, _ access: FileAccess
    ) throws(LogError) {
        let older = entries.older[name.segment] ?? []
        var failure: LogError?
        for candidate in [name] + older {
            do throws(LogError) {
                let segment = try SegmentFile(opening: candidate, in: segmentDirectory, files: files, access: access)
                guard candidate.generation == 0 || segment.isSealed else {
                    throw .broken(path: segment.file.path, reason: "was written anew and has lost its end")
                }
                segments.append(ListedSegment(segment))
                last = segment
                if entries.unnamed.contains(candidate) { unnamed.append(candidate) }
                superseded += ([name] + older).filter { $0 != candidate }
                return
            } catch {
                switch error {
                case .io, .unsupported: throw error
                default: failure = failure ?? error
                }
            }
        }
        if let failure { damage.append(failure) }
    }

    /// A trailer can reach the disk without the frames before it. So the last one is walked, unless HEAD says that it was
    /// synced; the others were, before the next segment began.
    private mutating func doubtLastTrailer() {
        // One that was written anew was synced before it had its name.
        guard let sealed = last, sealed.isSealed, sealed.name.generation == 0,
            sealed.end > head?.durableEnd ?? .zero
        else { return }
        let segment = SegmentFile(
            name: sealed.name, file: sealed.file, header: sealed.header, trailer: nil, byteCount: sealed.byteCount)
        last = segment
        segments[segments.count - 1] = ListedSegment(segment)
    }

    /// A sealed segment may still have what was reserved for it: the next one tells where its trailer ends.
    private mutating func findTrailers() throws(LogError) {
        for index in segments.indices.dropLast() where segments[index].trailer == nil {
            let end = segments[index + 1].header.previousEnd
            guard end.segment == segments[index].name.segment else { continue }
            let segment = try SegmentFile(
                opening: segments[index].name, in: segmentDirectory, files: files, access: .read)
            if let sealed = try segment.sealed(endingAt: end.offset) { segments[index] = ListedSegment(sealed) }
        }
    }

    /// A last file without a header, behind a sealed segment or none, is a roll that was interrupted: it holds nothing,
    /// and is no damage.
    private mutating func passOverUnfinished(_ entries: SegmentListing) throws(LogError) {
        guard let last = entries.names.last, last.generation == 0, !entries.doubled.contains(last.segment),
            last != segments.last?.name, !damage.isEmpty,
            segments.last.map({ $0.name.segment == last.segment - 1 }) ?? (last.segment == 1)
        else { return }
        let fileName = entries.unnamed.contains(last) ? last.spareFileName : last.fileName
        do throws(IOError) {
            let file = try files.open("\(segmentDirectory)/\(fileName)", .read)
            // The header is synced before anything is written behind it, so a file that goes on had one.
            guard try file.isZero(from: SegmentHeader.byteCount) else { return }
        } catch {
            throw .io(error)
        }
        damage.removeLast()
        unused.append(fileName)
    }

    private mutating func findGaps(firstName: SegmentName?) {
        if let first = segments.first, first.name == firstName, first.header.previousEnd != .zero,
            first.name.segment != head?.oldestSegment
        {
            damage.append(.broken(path: first.path, reason: "the segments before this one are missing"))
        }
        for (previous, next) in zip(segments, segments.dropFirst()) {
            let path = next.path
            if next.name.segment != previous.name.segment + 1 {
                damage.append(
                    .broken(
                        path: path,
                        reason: "the segments between \(previous.name.fileName) and this one are missing"))
            } else if next.header.storeID != previous.header.storeID {
                damage.append(.broken(path: path, reason: "belongs to another store"))
            } else if let trailer = previous.trailer {
                // The next segment tells where this one ended before it was written anew.
                let isWhereItEnded = previous.name.generation > 0 || next.header.previousEnd == previous.end
                if next.header.previousLastFrameHash != trailer.lastFrameHash || !isWhereItEnded {
                    damage.append(.broken(path: path, reason: "does not continue \(previous.name.fileName)"))
                }
            } else {
                damage.append(
                    .broken(path: previous.path, reason: "has lost its end: it is followed but not sealed"))
            }
        }
    }

    private mutating func checkHead() {
        guard let head else { return }
        let path = "\(path)/\(LogHead.fileName)"
        guard let first = segments.first else {
            if damage.isEmpty, head.durableEnd.offset > SegmentHeader.byteCount || head.durableEnd.segment > 1 {
                damage.append(
                    .broken(path: segmentDirectory, reason: "all segments are missing, of which HEAD knows"))
            }
            return
        }
        if head.storeID != first.header.storeID {
            damage.append(.broken(path: path, reason: "belongs to another store; delete it"))
            self.head = nil
        }
    }
}

/// What is known of a segment file that is not open.
package struct ListedSegment: Sendable {
    package let name: SegmentName
    package let path: String
    package let header: SegmentHeader
    package let trailer: SegmentTrailer?
    /// Bytes of the file, with what was reserved behind its end.
    package let byteCount: Int
    /// The position behind the trailer, or where the file ends.
    package let end: Position

    init(_ segment: SegmentFile<some StoredFile>) {
        name = segment.name
        path = segment.file.path
        header = segment.header
        trailer = segment.trailer
        byteCount = segment.byteCount
        end = segment.end
    }

    package var isSealed: Bool { trailer != nil }
}
