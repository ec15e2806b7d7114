import FluxFiles
package import FluxFormat
import FluxLog

/// What one segment file holds, read without the rest of its store.
package struct SegmentInspection: Sendable {
    /// A frame and where it lies.
    package struct Frame: Sendable {
        package let header: FrameHeader
        package let offset: Int
    }

    /// Counts of a seal.
    package struct Seal: Sendable {
        package let frames: Int
        package let executions: Int
        package let records: Int
    }

    package let path: String
    package let byteCount: Int
    /// `nil` for a file made ahead of time, in which nothing was written yet.
    package private(set) var header: SegmentHeader?
    package private(set) var frameCount = 0
    /// Frames by kind as stored.
    package private(set) var kindCounts: [UInt8: Int] = [:]
    package private(set) var firstSequence: UInt64?
    package private(set) var lastSequence: UInt64?
    package private(set) var seal: Seal?
    package private(set) var trailer: SegmentTrailer?
    /// Behind the trailer, or behind the last frame.
    package private(set) var end = 0
    /// Bytes behind ``end`` up to the last that is not zero.
    package private(set) var restByteCount = 0
    /// What does not verify, a line each.
    package private(set) var damage: [String] = []

    /// Reads a file, and calls `body` with every frame whose header verifies. Throws `notAStore` for what is no segment.
    package init(of path: String, forEachFrame body: (Frame) -> Void = { _ in }) throws(StoreError) {
        self.path = path
        let file: PosixFile
        let head: [UInt8]
        do throws(IOError) {
            file = try PosixFileSystem().open(path, .read)
            byteCount = try file.byteCount()
            head = try file.read(byteCount: SegmentHeader.byteCount, at: 0)
        } catch {
            throw StoreError(error)
        }
        guard try !Self.isUnused(path, file, head) else { return }
        do throws(FormatError) {
            header = try SegmentHeader(parsing: head.rawSpan)
        } catch {
            switch error {
            case .wrongMagic, .truncated: throw StoreError(.notAStore, "\(path): is no segment file: \(error)")
            case .unsupportedVersion, .unsupportedFeatures: throw StoreError(.unsupported, "\(path): \(error)")
            default: damage.append("damaged at byte 0: \(error)")
            }
        }
        do throws(LogError) {
            try walk(file, body)
        } catch {
            throw StoreError(error)
        }
    }

    /// Whether nothing was written into a file that has the name of a spare, or of a segment.
    private static func isUnused(_ path: String, _ file: PosixFile, _ head: [UInt8]) throws(StoreError) -> Bool {
        let fileName = path.split(separator: "/").last.map(String.init) ?? path
        let isSpare = fileName.hasSuffix(SegmentName.spareSuffix)
        let name = isSpare ? String(fileName.dropLast(SegmentName.spareSuffix.count)) : fileName
        return SegmentName(name) != nil && head.rawSpan.isZero
    }

    private mutating func walk(_ file: PosixFile, _ body: (Frame) -> Void) throws(LogError) {
        guard let header else { return }
        let name = SegmentName(segment: header.segment, generation: header.generation)
        let segment = SegmentFile(name: name, file: file, header: header, trailer: nil, byteCount: byteCount)
        var scan = segment.scan()
        end = SegmentHeader.byteCount
        while true {
            do throws(LogError) {
                guard let frame = try scan.next(verifyingPayload: false) else { break }
                take(Frame(header: frame.header, offset: frame.position.offset), body)
                end = scan.offset
                try Self.verify(frame, scan.payload, of: segment)
            } catch {
                guard case .damaged(_, let offset, let reason) = error else { throw error }
                // Damage of a payload alone does not hide the next frame.
                let hasMore = offset < scan.offset ? true : try scan.resync()
                // Nothing but zeros stands behind the last frame of a segment that is not sealed.
                let rest = try endOfContent(of: file, from: offset)
                if hasMore || rest > offset { damage.append("damaged at byte \(offset): \(reason)") }
                if !hasMore { break }
            }
        }
        trailer = scan.trailer
        try finish(segment)
    }

    private mutating func take(_ frame: Frame, _ body: (Frame) -> Void) {
        frameCount += 1
        kindCounts[frame.header.kind, default: 0] += 1
        firstSequence = firstSequence ?? frame.header.frameSequence
        lastSequence = frame.header.frameSequence
        body(frame)
    }

    private static func verify(
        _ frame: ScannedFrame, _ payload: RawSpan, of segment: SegmentFile<PosixFile>
    ) throws(LogError) {
        do throws(FormatError) {
            try FrameDecoder.verify(frame.header, payload: payload, storeSalt: segment.header.storeSalt)
        } catch {
            throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
        }
    }

    /// Looks at the trailer, the seal that it points at, and what stands behind.
    private mutating func finish(_ segment: SegmentFile<PosixFile>) throws(LogError) {
        // Damage may hide the trailer from the walk.
        let atEnd = try trailer == nil ? segment.sealed(endingAt: byteCount)?.trailer : nil
        let trailerEnd = trailer != nil ? end + SegmentTrailer.byteCount : byteCount
        trailer = trailer ?? atEnd
        if let trailer {
            end = trailerEnd
            do throws(LogError) {
                let found = try SegmentSeal(
                    reading: segment.file, segment: segment.header, trailer: trailer,
                    end: end - SegmentTrailer.byteCount)
                seal = Seal(
                    frames: found.frames.count, executions: found.executions.count, records: found.records.count)
            } catch {
                guard case .damaged(_, let offset, let reason) = error else { throw error }
                let line = "damaged at byte \(offset): \(reason)"
                if !damage.contains(line) { damage.append(line) }
            }
        }
        restByteCount = try endOfContent(of: segment.file, from: end) - end
    }

    private func endOfContent(of file: PosixFile, from offset: Int) throws(LogError) -> Int {
        do throws(IOError) {
            return try file.endOfContent(from: offset)
        } catch {
            throw .io(error)
        }
    }
}
