package import FluxFiles
package import FluxFormat

/// Reads the frames of one segment in order, each verified against its hashes and the chain.
///
/// Reads ahead in steps into one buffer. A frame's payload is borrowed until the next call.
///
/// What runs for every frame has a copy for the operating system's files, since callers in other modules do not
/// specialize it: the generic code costs a scan of recordings about 3 %.
package struct SegmentScan<File: StoredFile>: ~Copyable {
    private(set) var source: Source?
    private var window = FileWindow()
    private var lastHash: UInt64 = 0
    private var nextSequence: UInt64 = 0
    /// Whether nothing is known of the frame before the next one.
    private var isUnchained = false
    /// The payload of the last frame, in the file.
    private var payloadAt = 0..<0
    /// Where the next frame would begin.
    package private(set) var offset = 0
    /// The trailer at which the scan ended: it stands at ``offset``.
    package private(set) var trailer: SegmentTrailer?

    /// What is being read. Looked at for every frame: a class, so that it is not copied then.
    final class Source {
        let file: File
        let segment: SegmentHeader
        let end: Int

        init(file: File, segment: SegmentHeader, end: Int) {
            self.file = file
            self.segment = segment
            self.end = end
        }
    }

    /// A scan over nothing, until ``begin(_:segment:end:)``.
    package init() {}

    /// Starts behind the header of a segment and ends at the byte `end`. Keeps the buffer of the segment before.
    package mutating func begin(_ file: File, segment: SegmentHeader, end: Int) {
        source = Source(file: file, segment: segment, end: end)
        offset = SegmentHeader.byteCount
        window.reset()
        payloadAt = 0..<0
        trailer = nil
        isUnchained = false
        lastHash = segment.previousLastFrameHash
        nextSequence = segment.firstFrameSequence
    }

    /// Moves the end of the scan on: more of the segment may be read than when it began.
    package mutating func extend(to end: Int) {
        guard let source, end > source.end else { return }
        self.source = Source(file: source.file, segment: source.segment, end: end)
    }

    /// Goes on at a frame with this header behind frames that are lost.
    mutating func skip(to offset: Int, _ header: FrameHeader) {
        self.offset = offset
        window.reset()
        payloadAt = 0..<0
        chain(from: header)
    }

    /// Goes on at a frame that begins at `offset`, which is the caller's word: the next step throws `damaged` where none
    /// that verifies does. The chain begins with it.
    package mutating func skip(toFrameAt offset: Int) {
        self.offset = offset
        window.reset()
        payloadAt = 0..<0
        isUnchained = true
    }

    /// Leaves the segment: ``next(verifyingPayload:)`` returns `nil`.
    package mutating func stop() {
        source = nil
        payloadAt = 0..<0
    }

    /// Overwrites the buffer in debug builds, so that a payload kept too long shows. What was read ahead is read again.
    package mutating func invalidate() {
        #if DEBUG
            payloadAt = 0..<0
            window.scribble()
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
    package mutating func next(verifyingPayload: Bool = true) throws(LogError) -> ScannedFrame? {
        guard case .frame(let frame) = try step(verifyingPayload ? .verified : .unverified, mayWait: true) else {
            return nil
        }
        return frame
    }

    /// The next frame, as much of it as is asked for. Waits for the disk only with `mayWait`.
    @_specialize(where File == PosixFile)
    package mutating func step(_ reading: FrameReading, mayWait: Bool) throws(LogError) -> FrameStep {
        guard let source, offset < source.end, trailer == nil else { return .end }
        let least = min(FrameHeader.byteCount, max(SegmentTrailer.byteCount, source.end - offset))
        guard try fill(least, reading, from: source, mayWait: mayWait) else { return .pending }
        // What looks like a frame is no trailer.
        if !isAtFrame, isAtTrailer(of: source) { return .end }
        guard try fill(FrameHeader.byteCount, reading, from: source, mayWait: mayWait) else {
            return .pending
        }
        let header = try parseHeader(of: source)
        var byteCount = header.frameByteCount
        if reading == .heads {
            guard let headsEnd = try headsEnd(of: header, in: source, mayWait: mayWait) else { return .pending }
            byteCount = headsEnd
        }
        guard try fill(byteCount, reading, from: source, mayWait: mayWait) else { return .pending }
        payloadAt = offset + FrameHeader.byteCount..<offset + byteCount
        if isUnchained { chain(from: header) }
        try holdChain(header, in: source)
        if reading == .verified {
            do throws(FormatError) {
                try FrameDecoder.verify(header, payload: payload, storeSalt: source.segment.storeSalt)
            } catch {
                throw .damaged(path: source.file.path, offset: offset, error)
            }
        }
        let position = Position(segment: source.segment.segment, offset: offset)
        lastHash = header.headerHash
        nextSequence = header.frameSequence + 1
        offset += header.frameByteCount
        return .frame(ScannedFrame(header: header, position: position))
    }

    /// The file that is being read, and the bytes of it that a step would wait for, where the last one did not.
    package var awaited: (file: File, bytes: Range<Int>)? { source.map { ($0.file, window.awaited) } }

    /// The stored payload of the last frame with its padding, as far as it was read.
    package var payload: RawSpan {
        @_lifetime(borrow self)
        borrowing get { window.span(payloadAt) }
    }

    /// The same bytes, which the caller lets nobody use once the next frame is read.
    @unsafe
    package var unownedPayload: RawSpan {
        @_lifetime(immortal)
        borrowing get { unsafe window.unownedSpan(payloadAt) }
    }
}

extension SegmentScan {
    /// Whether a frame's magic stands at ``offset``.
    private var isAtFrame: Bool { window.span(offset..<offset + 4).load(at: 0, as: UInt32.self) == FrameHeader.magic }

    /// Notes the trailer that stands at ``offset``, before bytes that were reserved and not used.
    private mutating func isAtTrailer(of source: Source) -> Bool {
        guard let found = readTrailer(of: source) else { return false }
        trailer = found
        return true
    }

    private func readTrailer(of source: Source) -> SegmentTrailer? {
        guard source.end - offset >= SegmentTrailer.byteCount else { return nil }
        let bytes = window.span(offset..<offset + SegmentTrailer.byteCount)
        // What does not verify is no trailer, and no frame either, as is found next.
        guard let found = try? SegmentTrailer(parsing: bytes, segmentSalt: source.segment.segmentSalt),
            found.ends(source.segment, at: offset), source.segment.generation > 0 || found.lastFrameHash == lastHash
        else { return nil }
        return found
    }

    @_specialize(where File == PosixFile)
    private func parseHeader(of source: Source) throws(LogError) -> FrameHeader {
        do throws(FormatError) {
            return try FrameHeader(
                parsing: window.span(offset..<offset + FrameHeader.byteCount),
                at: Position(segment: source.segment.segment, offset: offset),
                segmentSalt: source.segment.segmentSalt)
        } catch {
            throw .damaged(path: source.file.path, offset: offset, error)
        }
    }

    /// Takes a frame for the first of a chain.
    private mutating func chain(from header: FrameHeader) {
        lastHash = header.previousFrameHash
        nextSequence = header.frameSequence
        isUnchained = false
    }

    /// Holds a header against the frame before it.
    private func holdChain(_ header: FrameHeader, in source: Source) throws(LogError) {
        let segment = source.segment
        let sequence = header.frameSequence
        let reason: String
        if !(sequence == nextSequence || (segment.generation > 0 && sequence > nextSequence)) {
            reason = "frame sequence \(sequence) where \(nextSequence) belongs"
        } else if sequence &- segment.firstFrameSequence >= UInt64(UInt32.max) {
            reason = "frame sequence \(sequence) in a segment from \(segment.firstFrameSequence)"
        } else if header.previousFrameHash != lastHash {
            reason = "the chain to the frame before"
        } else {
            return
        }
        throw .damaged(path: source.file.path, offset: offset, .invalidField(reason))
    }

    /// Bytes of the frame at ``offset`` up to its bodies; `nil` where the disk would have to be waited for.
    private mutating func headsEnd(
        of header: FrameHeader, in source: Source, mayWait: Bool
    ) throws(LogError) -> Int? {
        guard header.frameKind == .events else { return FrameHeader.byteCount }
        let byteCount = header.prologueEnd
        guard try fill(byteCount, .heads, from: source, mayWait: mayWait) else { return nil }
        do throws(FormatError) {
            return try header.byteCountBeforeBodies(window.span(offset + FrameHeader.byteCount..<offset + byteCount))
        } catch {
            throw .damaged(path: source.file.path, offset: offset, error)
        }
    }

    /// Brings `byteCount` bytes from ``offset`` on into memory; `false` where the disk would have to be waited for.
    @_specialize(where File == PosixFile)
    private mutating func fill(
        _ byteCount: Int, _ reading: FrameReading, from source: Source, mayWait: Bool
    ) throws(LogError) -> Bool {
        let end = source.end
        guard offset + byteCount <= end else {
            throw .damaged(
                path: source.file.path, offset: offset, .truncated(needed: byteCount, available: end - offset))
        }
        if window.holds(offset..<offset + byteCount) { return true }
        return try window.fill(
            byteCount, at: offset, to: min(offset + reading.stepByteCount, end),
            aheadTo: reading == .heads ? offset : end, of: source.file, mayWait: mayWait)
    }
}
