package import FluxFiles
package import FluxFormat

/// Reads the frames of one segment in order, each verified against its hashes and the chain.
///
/// Reads ahead in large steps into one buffer. A frame's payload is borrowed until the next call.
///
/// What runs for every frame has a copy for the operating system's files, since callers in other modules do not
/// specialize it: the generic code costs a scan of recordings about 3 %.
package struct SegmentScan<File: StoredFile>: ~Copyable {
    private static var readByteCount: Int { 1 << 20 }

    private(set) var source: Source?
    private var buffer = ByteBuffer()
    /// The bytes of the file that the buffer holds.
    private var window = 0..<0
    private var lastHash: UInt64 = 0
    private var nextSequence: UInt64 = 0
    private var payloadAt = 0..<0
    /// Where the next frame would begin.
    package private(set) var offset = 0
    /// The trailer at which the scan ended: it stands at ``offset``.
    package private(set) var trailer: SegmentTrailer?

    /// What is being read.
    struct Source {
        let file: File
        let segment: SegmentHeader
        let end: Int
    }

    /// A scan over nothing, until ``begin(_:segment:end:)``.
    package init() {}

    /// Starts behind the header of a segment and ends at the byte `end`. Keeps the buffer of the segment before.
    package mutating func begin(_ file: File, segment: SegmentHeader, end: Int) {
        source = Source(file: file, segment: segment, end: end)
        offset = SegmentHeader.byteCount
        window = offset..<offset
        payloadAt = 0..<0
        trailer = nil
        lastHash = segment.previousLastFrameHash
        nextSequence = segment.firstFrameSequence
    }

    /// Goes on at a frame with this header behind frames that are lost.
    mutating func skip(to offset: Int, _ header: FrameHeader) {
        self.offset = offset
        window = offset..<offset
        payloadAt = 0..<0
        lastHash = header.previousFrameHash
        nextSequence = header.frameSequence
    }

    /// Leaves the segment: ``next(verifyingPayload:)`` returns `nil`.
    package mutating func stop() {
        source = nil
        payloadAt = 0..<0
    }

    /// Overwrites the buffer in debug builds, so that a payload kept too long shows. What was read ahead is read again.
    package mutating func invalidate() {
        #if DEBUG
            window = offset..<offset
            payloadAt = 0..<0
            buffer.scribble()
        #endif
    }

    /// The hash of the last frame read, with which the chain goes on.
    package var previousFrameHash: UInt64 { lastHash }

    /// The sequence that the next frame must have.
    package var nextFrameSequence: UInt64 { nextSequence }

    /// The next frame, or `nil` at the end, which the trailer is, too. After an error ``offset`` is still where the bad
    /// frame begins.
    ///
    /// With `verifyingPayload` false only the header's own hash and the chain are held.
    @_specialize(where File == PosixFile)
    package mutating func next(verifyingPayload: Bool = true) throws(LogError) -> ScannedFrame? {
        guard let source, offset < source.end, trailer == nil else { return nil }
        let file = source.file
        let segment = source.segment
        try fill(min(FrameHeader.byteCount, max(SegmentTrailer.byteCount, source.end - offset)), from: source)
        if isAtTrailer(of: source.segment) { return nil }
        try fill(FrameHeader.byteCount, from: source)
        let header = try parseHeader(of: source)
        try fill(header.frameByteCount, from: source)
        let start = offset - window.lowerBound
        payloadAt = start + FrameHeader.byteCount..<start + header.frameByteCount
        do throws(FormatError) {
            guard
                header.frameSequence == nextSequence || (segment.generation > 0 && header.frameSequence > nextSequence)
            else { throw .invalidField("frame sequence \(header.frameSequence) where \(nextSequence) belongs") }
            guard header.frameSequence - segment.firstFrameSequence < UInt64(UInt32.max) else {
                throw .invalidField(
                    "frame sequence \(header.frameSequence) in a segment from \(segment.firstFrameSequence)")
            }
            guard header.previousFrameHash == lastHash else { throw .invalidField("the chain to the frame before") }
            if verifyingPayload {
                try FrameDecoder.verify(header, payload: payload, storeSalt: segment.storeSalt)
            }
        } catch {
            throw .damaged(path: file.path, offset: offset, error)
        }
        let frame = ScannedFrame(
            header: header, position: Position(segment: segment.segment, offset: offset))
        lastHash = header.headerHash
        nextSequence = header.frameSequence + 1
        offset += header.frameByteCount
        return frame
    }

    /// The stored payload of the last frame with its padding.
    package var payload: RawSpan {
        @_lifetime(borrow self)
        borrowing get { buffer.span(payloadAt) }
    }

    /// The same bytes, which the caller lets nobody use once the next frame is read.
    @unsafe
    package var unownedPayload: RawSpan {
        @_lifetime(immortal)
        borrowing get { unsafe buffer.unownedSpan(payloadAt) }
    }

    /// Notes the trailer that stands at ``offset``, before bytes that were reserved and not used.
    private mutating func isAtTrailer(of segment: SegmentHeader) -> Bool {
        let start = offset - window.lowerBound
        guard window.count - start >= SegmentTrailer.byteCount,
            buffer.span(start..<start + 4).load(at: 0, as: UInt32.self) != FrameHeader.magic
        else { return false }
        trailer = readTrailer(at: start, of: segment)
        return trailer != nil
    }

    private func readTrailer(at start: Int, of segment: SegmentHeader) -> SegmentTrailer? {
        let bytes = buffer.span(start..<start + SegmentTrailer.byteCount)
        // What does not verify is no trailer, and no frame either, as is found next.
        guard let found = try? SegmentTrailer(parsing: bytes, segmentSalt: segment.segmentSalt),
            found.ends(segment, at: offset), segment.generation > 0 || found.lastFrameHash == lastHash
        else { return nil }
        return found
    }

    @_specialize(where File == PosixFile)
    private func parseHeader(of source: Source) throws(LogError) -> FrameHeader {
        let start = offset - window.lowerBound
        do throws(FormatError) {
            return try FrameHeader(
                parsing: buffer.span(start..<start + FrameHeader.byteCount),
                at: Position(segment: source.segment.segment, offset: offset),
                segmentSalt: source.segment.segmentSalt)
        } catch {
            throw .damaged(path: source.file.path, offset: offset, error)
        }
    }

    /// Brings `byteCount` bytes from ``offset`` on into the buffer.
    @_specialize(where File == PosixFile)
    private mutating func fill(_ byteCount: Int, from source: Source) throws(LogError) {
        let file = source.file
        let end = source.end
        guard offset + byteCount > window.upperBound else { return }
        guard offset + byteCount <= end else {
            throw .damaged(path: file.path, offset: offset, .truncated(needed: byteCount, available: end - offset))
        }
        let kept = offset - window.lowerBound..<window.count
        buffer.moveToFront(kept)
        // Said before the read, which may fail: what is kept lies in front already.
        window = offset..<offset + kept.count
        let wanted = min(max(byteCount, Self.readByteCount), end - offset)
        buffer.reserve(wanted, keeping: kept.count)
        let missing = kept.count..<wanted
        let readOffset = offset + kept.count
        let count: Int
        do throws(IOError) {
            count = try unsafe buffer.withMutableBytes(missing) { (target) throws(IOError) in
                try unsafe file.read(into: target, at: readOffset)
            }
        } catch {
            throw .io(error)
        }
        window = offset..<offset + kept.count + count
        guard window.count >= byteCount else {
            throw .damaged(
                path: file.path, offset: offset, .truncated(needed: byteCount, available: window.count))
        }
    }
}

/// A frame and where it lies.
package struct ScannedFrame: Sendable {
    package let header: FrameHeader
    package let position: Position

    package init(header: FrameHeader, position: Position) {
        self.header = header
        self.position = position
    }
}
