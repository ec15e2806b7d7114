package import FluxFiles
package import FluxFormat

/// A segment file with its verified header, and its trailer if it is sealed.
package struct SegmentFile<File: StoredFile>: Sendable {
    package let name: SegmentName
    package let file: File
    package let header: SegmentHeader
    package let trailer: SegmentTrailer?
    package let byteCount: Int

    package init(
        name: SegmentName, file: File, header: SegmentHeader, trailer: SegmentTrailer?, byteCount: Int
    ) {
        self.name = name
        self.file = file
        self.header = header
        self.trailer = trailer
        self.byteCount = byteCount
    }

    package var isSealed: Bool { trailer != nil }

    /// Where the frames end: before the trailer, or where the file ends.
    package var framesEnd: Int { isSealed ? byteCount - SegmentTrailer.byteCount : byteCount }

    /// The position behind the file.
    package var end: Position { Position(segment: name.segment, offset: byteCount) }

    /// A scan over all of its frames, the seal's included.
    package func scan() -> SegmentScan<File> {
        var scan = SegmentScan<File>()
        scan.begin(file, segment: header, end: framesEnd)
        return scan
    }
}

extension SegmentFile {
    /// Opens a segment and verifies its header; a trailer that does not verify means that it is not sealed.
    package init(
        opening name: SegmentName, in directory: String, files: some FileSystem<File>, access: FileAccess
    ) throws(LogError) {
        let path = "\(directory)/\(name.fileName)"
        let file: File
        let head: [UInt8]
        let tail: [UInt8]
        let byteCount: Int
        do throws(IOError) {
            file = try files.open(path, access)
            byteCount = try file.byteCount()
            head = try file.read(byteCount: SegmentHeader.byteCount, at: 0)
            let trailerAt = byteCount - SegmentTrailer.byteCount
            tail =
                trailerAt >= SegmentHeader.byteCount
                ? try file.read(byteCount: SegmentTrailer.byteCount, at: trailerAt) : []
        } catch {
            throw .io(error)
        }
        let header: SegmentHeader
        do throws(FormatError) {
            header = try SegmentHeader(parsing: head.rawSpan)
        } catch {
            switch error {
            case .unsupportedVersion, .unsupportedFeatures: throw .unsupported(path: path, error)
            default: throw .damaged(path: path, offset: 0, error)
            }
        }
        guard header.segment == name.segment, header.generation == name.generation else {
            throw .broken(
                path: path, reason: "holds segment \(header.segment), not the one of its name; it was renamed or copied"
            )
        }
        guard byteCount <= UInt32.max else { throw .broken(path: path, reason: "is larger than 4 GiB") }
        // A trailer that does not verify is no trailer: the segment is walked then.
        let trailer = try? SegmentTrailer(parsing: tail.rawSpan, segmentSalt: header.segmentSalt)
        let isSealed = trailer.map { Self.isTrailer($0, of: header, at: byteCount - SegmentTrailer.byteCount) } ?? false
        self.init(name: name, file: file, header: header, trailer: isSealed ? trailer : nil, byteCount: byteCount)
    }

    private static func isTrailer(_ trailer: SegmentTrailer, of header: SegmentHeader, at end: Int) -> Bool {
        trailer.firstFrameSequence == header.firstFrameSequence && trailer.sealPosition.segment == header.segment
            && (SegmentHeader.byteCount..<end).contains(trailer.sealPosition.offset)
    }
}
