package import FluxFiles
package import FluxFormat

/// A segment file with its verified header, and its trailer if it is sealed.
package struct SegmentFile<File: StoredFile>: Sendable {
    package let name: SegmentName
    package let file: File
    package let header: SegmentHeader
    package let trailer: SegmentTrailer?
    /// Bytes of the file, with what was reserved behind the end.
    package let byteCount: Int
    /// Behind the trailer, or where the file ends.
    package let endOffset: Int

    package init(
        name: SegmentName, file: File, header: SegmentHeader, trailer: SegmentTrailer?, byteCount: Int,
        endOffset: Int? = nil
    ) {
        self.name = name
        self.file = file
        self.header = header
        self.trailer = trailer
        self.byteCount = byteCount
        self.endOffset = endOffset ?? byteCount
    }

    package var isSealed: Bool { trailer != nil }

    /// Where the frames end: before the trailer. Where none is known they end in this place at the latest.
    package var framesEnd: Int { isSealed ? endOffset - SegmentTrailer.byteCount : endOffset }

    /// The position behind the trailer, or where the file ends.
    package var end: Position { Position(segment: name.segment, offset: endOffset) }

    /// A scan over all of its frames, the seal's included.
    package func scan() -> SegmentScan<File> {
        var scan = SegmentScan<File>()
        scan.begin(file, segment: header, end: framesEnd)
        return scan
    }
}

extension SegmentFile {
    /// Opens a segment and verifies its header; without a trailer that verifies at its end it is not sealed.
    package init(
        opening name: SegmentName, in directory: String, files: some FileSystem<File>, access: FileAccess
    ) throws(LogError) {
        let file: File
        let head: [UInt8]
        let byteCount: Int
        do throws(IOError) {
            file = try Self.open(name, in: directory, files: files, access: access)
            byteCount = try file.byteCount()
            head = try file.read(byteCount: SegmentHeader.byteCount, at: 0)
        } catch {
            throw .io(error)
        }
        let path = file.path
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
        let trailer = try Self.trailer(of: file, header, endingAt: byteCount)
        self.init(name: name, file: file, header: header, trailer: trailer, byteCount: byteCount)
    }

    /// The same file, sealed at a place before what was reserved; `nil` where no trailer of it ends there.
    package func sealed(endingAt offset: Int) throws(LogError) -> SegmentFile? {
        guard offset <= byteCount, let trailer = try Self.trailer(of: file, header, endingAt: offset) else {
            return nil
        }
        return SegmentFile(
            name: name, file: file, header: header, trailer: trailer, byteCount: byteCount, endOffset: offset)
    }

    /// The name is that of a spare until a roll is finished; it may change between two looks.
    private static func open(
        _ name: SegmentName, in directory: String, files: some FileSystem<File>, access: FileAccess
    ) throws(IOError) -> File {
        for fileName in [name.fileName, name.spareFileName] {
            do throws(IOError) {
                return try files.open("\(directory)/\(fileName)", access)
            } catch {
                guard error.isMissing else { throw error }
            }
        }
        return try files.open("\(directory)/\(name.fileName)", access)
    }

    /// A trailer that does not verify is no trailer: the segment is walked then.
    private static func trailer(
        of file: File, _ header: SegmentHeader, endingAt end: Int
    ) throws(LogError) -> SegmentTrailer? {
        let start = end - SegmentTrailer.byteCount
        guard start >= SegmentHeader.byteCount else { return nil }
        let bytes: [UInt8]
        do throws(IOError) {
            bytes = try file.read(byteCount: SegmentTrailer.byteCount, at: start)
        } catch {
            throw .io(error)
        }
        guard let trailer = try? SegmentTrailer(parsing: bytes.rawSpan, segmentSalt: header.segmentSalt) else {
            return nil
        }
        return trailer.ends(header, at: start) ? trailer : nil
    }
}

extension SegmentTrailer {
    /// Whether this is the trailer of a segment, found at an offset of its file.
    func ends(_ header: SegmentHeader, at offset: Int) -> Bool {
        firstFrameSequence == header.firstFrameSequence && sealPosition.segment == header.segment
            && (SegmentHeader.byteCount..<offset).contains(sealPosition.offset)
    }
}
