package import FluxFiles
package import FluxFormat

/// The decoded seal of a segment.
package struct SegmentSeal: Sendable {
    package var frames: [SealedFrame] = []
    package var executions: [SealedExecution] = []
    package var records: [SealedRecord] = []
    package var filter = BloomFilter(idCount: 0)
    package var statistics = SealStatistics()
    /// Frames that the seal itself has.
    package private(set) var sealFrameCount = 0
    /// The hash of the last of them.
    package private(set) var lastFrameHash: UInt64 = 0
}

extension SegmentSeal {
    /// Reads and verifies the seal that the trailer points at.
    package init(
        reading file: some StoredFile, segment: SegmentHeader, trailer: SegmentTrailer, end: Int
    ) throws(LogError) {
        var sections: [SealSection: [UInt8]] = [:]
        var place: (section: SealSection, part: UInt32)?
        var loader = FrameLoader()
        var position = trailer.sealPosition
        while position.offset < end {
            let header = try Self.header(of: file, segment: segment, at: position)
            _ = try loader.load(file, segment: segment, at: position, byteCount: header.frameByteCount)
            let part: (section: SealSection, bytes: [UInt8])
            do throws(FormatError) {
                part = try Self.decode(header, payload: loader.payload, segment: segment)
                place = try Self.place(behind: place, of: part.section, header)
            } catch {
                throw .damaged(path: file.path, offset: position.offset, error)
            }
            sections[part.section, default: []].append(contentsOf: part.bytes)
            sealFrameCount += 1
            lastFrameHash = header.headerHash
            position = Position(segment: position.segment, offset: position.offset + header.frameByteCount)
        }
        do throws(FormatError) {
            try parse(sections)
        } catch {
            throw .damaged(path: file.path, offset: trailer.sealPosition.offset, error)
        }
    }

    /// Sections follow each other by their numbers, and the parts of one by theirs.
    private static func place(
        behind last: (section: SealSection, part: UInt32)?, of section: SealSection, _ header: FrameHeader
    ) throws(FormatError) -> (section: SealSection, part: UInt32) {
        let part = header.firstEvent
        let isNext =
            last.map { last in
                section == last.section ? part == last.part + 1 : section.rawValue > last.section.rawValue && part == 0
            } ?? (part == 0)
        guard isNext else { throw .invalidField("part \(part) of a seal's section \(section.rawValue)") }
        return (section, part)
    }

    private static func header(
        of file: some StoredFile, segment: SegmentHeader, at position: Position
    ) throws(LogError) -> FrameHeader {
        let bytes: [UInt8]
        do throws(IOError) {
            bytes = try file.read(byteCount: FrameHeader.byteCount, at: position.offset)
        } catch {
            throw .io(error)
        }
        do throws(FormatError) {
            return try FrameHeader(parsing: bytes.rawSpan, at: position, segmentSalt: segment.segmentSalt)
        } catch {
            throw .damaged(path: file.path, offset: position.offset, error)
        }
    }

    private static func decode(
        _ header: FrameHeader, payload: RawSpan, segment: SegmentHeader
    ) throws(FormatError) -> (section: SealSection, bytes: [UInt8]) {
        guard header.frameKind == .seal, let section = SealSection(rawValue: header.eventCount) else {
            throw .invalidField("a frame in the seal that is none of its parts")
        }
        try FrameDecoder.verify(header, payload: payload, storeSalt: segment.storeSalt)
        return (section, try SealPart.decode(header, payload: payload))
    }

    private mutating func parse(_ sections: [SealSection: [UInt8]]) throws(FormatError) {
        let frameBytes = sections[.frames] ?? []
        let executionBytes = sections[.executions] ?? []
        guard frameBytes.count.isMultiple(of: SealedFrame.byteCount),
            executionBytes.count.isMultiple(of: SealedExecution.byteCount)
        else { throw .invalidField("length of a directory") }
        for offset in stride(from: 0, to: frameBytes.count, by: SealedFrame.byteCount) {
            frames.append(SealedFrame(loading: frameBytes.rawSpan, at: offset))
        }
        for offset in stride(from: 0, to: executionBytes.count, by: SealedExecution.byteCount) {
            executions.append(SealedExecution(loading: executionBytes.rawSpan, at: offset))
        }
        let recordBytes = sections[.metadata] ?? []
        var offset = 0
        while offset < recordBytes.count {
            records.append(try SealedRecord(parsing: recordBytes.rawSpan, at: &offset))
        }
        let filterBytes = sections[.filter] ?? []
        filter = try BloomFilter(parsing: filterBytes.rawSpan)
        let statisticsBytes = sections[.statistics] ?? []
        statistics = try SealStatistics(parsing: statisticsBytes.rawSpan)
    }
}

/// One part of a seal.
enum SealPart {
    /// The decoded bytes of a SEAL frame whose payload is verified.
    static func decode(_ header: FrameHeader, payload: RawSpan) throws(FormatError) -> [UInt8] {
        let stored = payload.extracting(0..<Int(header.storedByteCount))
        guard header.headsCodec == .lz4 else {
            guard header.headsCodec == .stored, header.storedByteCount == header.rawByteCount else {
                throw .invalidField("codec of a seal")
            }
            return stored.array
        }
        var bytes = [UInt8](repeating: 0, count: Int(header.rawByteCount))
        var failure: FormatError?
        unsafe bytes.withUnsafeMutableBytes { target in
            do throws(FormatError) {
                try unsafe LZ4.decompress(stored, into: target)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
