package import FluxFiles
package import FluxFormat

/// The segment files of a store, as they lie on the disk.
package struct LogDirectory<Files: FileSystem>: Sendable {
    package let files: Files
    /// The store's directory.
    package let path: String
    /// The segments in order, each with a verified header; their files are closed again.
    package private(set) var segments: [ListedSegment] = []
    /// The last of them, which stays open.
    package private(set) var last: SegmentFile<Files.File>?
    /// What does not fit together: missing files, broken chains, headers that do not verify.
    package private(set) var damage: [LogError] = []

    package var segmentDirectory: String { "\(path)/\(SegmentName.directory)" }

    /// Lists and opens the segments. Throws only what makes the whole log unreadable: a disk that fails, or a segment
    /// of a later version.
    package init(_ path: String, files: Files, access: FileAccess) throws(LogError) {
        self.files = files
        self.path = path
        let names = try Self.names(path, files: files)
        for name in names {
            do throws(LogError) {
                let segment = try SegmentFile(opening: name, in: segmentDirectory, files: files, access: access)
                segments.append(ListedSegment(segment))
                last = segment
            } catch {
                switch error {
                case .io, .unsupported: throw error
                default: damage.append(error)
                }
            }
        }
        try passOverUnfinished(names.last)
        findGaps(firstName: names.first)
    }

    /// Everything whose header was verified, in order; of several generations the highest.
    private static func names(_ path: String, files: Files) throws(LogError) -> [SegmentName] {
        let entries: [String]
        do throws(IOError) {
            entries = try files.list("\(path)/\(SegmentName.directory)")
        } catch {
            throw .io(error)
        }
        var latest: [UInt32: SegmentName] = [:]
        for name in entries.compactMap(SegmentName.init) {
            latest[name.segment] = max(latest[name.segment] ?? name, name)
        }
        return latest.values.sorted()
    }

    /// A last file without a header, behind a sealed segment or none, is a roll that was interrupted: it holds nothing,
    /// and is no damage.
    private mutating func passOverUnfinished(_ lastName: SegmentName?) throws(LogError) {
        guard let last = lastName, last != segments.last?.name,
            segments.last.map({ $0.isSealed && $0.name.segment == last.segment - 1 }) ?? (last.segment == 1)
        else { return }
        let tail: [UInt8]
        do throws(IOError) {
            let file = try files.open("\(segmentDirectory)/\(last.fileName)", .read)
            tail = try file.read(byteCount: 1, at: SegmentHeader.byteCount)
        } catch {
            throw .io(error)
        }
        // The header is synced before anything is written behind it, so a file that goes on had one.
        guard tail.isEmpty else { return }
        damage.removeLast()
    }

    private mutating func findGaps(firstName: SegmentName?) {
        if let first = segments.first, first.name == firstName, first.header.previousEnd != .zero {
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
                if next.header.previousLastFrameHash != trailer.lastFrameHash
                    || next.header.previousEnd != previous.end
                {
                    damage.append(.broken(path: path, reason: "does not continue \(previous.name.fileName)"))
                }
            } else {
                damage.append(
                    .broken(path: previous.path, reason: "has lost its end: it is followed but not sealed"))
            }
        }
    }
}

/// What is known of a segment file that is not open.
package struct ListedSegment: Sendable {
    package let name: SegmentName
    package let path: String
    package let header: SegmentHeader
    package let trailer: SegmentTrailer?
    package let byteCount: Int

    init(_ segment: SegmentFile<some StoredFile>) {
        name = segment.name
        path = segment.file.path
        header = segment.header
        trailer = segment.trailer
        byteCount = segment.byteCount
    }

    package var isSealed: Bool { trailer != nil }

    /// The position behind the file.
    package var end: Position { Position(segment: name.segment, offset: byteCount) }
}
