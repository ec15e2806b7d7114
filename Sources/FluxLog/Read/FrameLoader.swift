package import FluxFiles
package import FluxFormat

/// Reads single frames from where the index says they lie, into one buffer; those that follow each other at once.
package struct FrameLoader: ~Copyable {
    private var window = FileWindow()
    /// The file that the window is of.
    private var file: AnyObject?
    /// The payload of the last frame, in the file.
    private var payloadAt = 0..<0

    package init() {}

    /// Voids the last payload; in debug builds its bytes are overwritten.
    package mutating func invalidate() {
        payloadAt = 0..<0
        window.scribble()
    }

    /// Reads the frame of `byteCount` bytes at `position` and verifies its header; the payload is not verified yet.
    package mutating func load(
        _ file: some StoredFile, segment: SegmentHeader, at position: Position, byteCount: Int
    ) throws(LogError) -> FrameHeader {
        let place = Place(position: position, byteCount: byteCount, runByteCount: byteCount)
        guard let header = try load(.unverified, file, segment: segment, at: place, mayWait: true) else {
            preconditionFailure("a read that may wait and does not")
        }
        return header
    }

    /// Where a frame lies, and so many bytes of frames that are wanted next, itself included.
    package struct Place {
        package var position: Position
        package var byteCount: Int
        package var runByteCount: Int

        package init(position: Position, byteCount: Int, runByteCount: Int) {
            self.position = position
            self.byteCount = byteCount
            self.runByteCount = max(byteCount, runByteCount)
        }
    }

    /// The same, or without the bodies; `nil` where the disk would have to be waited for, and `mayWait` is not.
    @_specialize(where File == PosixFile)
    package mutating func load<File: StoredFile>(
        _ reading: FrameReading, _ file: File, segment: SegmentHeader, at place: Place, mayWait: Bool
    ) throws(LogError) -> FrameHeader? {
        let start = place.position.offset
        let limit = FrameHeader.byteCount + FormatLimit.readableFrameByteCountMax
        guard place.byteCount >= FrameHeader.byteCount, place.byteCount <= limit else {
            throw .damaged(path: file.path, offset: start, .invalidField("a frame of \(place.byteCount) bytes"))
        }
        if self.file !== file {
            self.file = file
            window.reset()
        }
        let first = reading == .heads ? FrameHeader.byteCount : place.byteCount
        guard try fill(first, file, at: place, reading, mayWait) else { return nil }
        let header = try header(in: file, segment: segment, at: place)
        payloadAt = start + FrameHeader.byteCount..<start + first
        guard reading == .heads, header.frameKind == .events else { return header }
        guard try fill(header.prologueEnd, file, at: place, reading, mayWait) else { return nil }
        let byteCount: Int
        do throws(FormatError) {
            byteCount = try header.byteCountBeforeBodies(
                window.span(start + FrameHeader.byteCount..<start + header.prologueEnd))
        } catch {
            throw .damaged(path: file.path, offset: start, error)
        }
        guard try fill(byteCount, file, at: place, reading, mayWait) else { return nil }
        payloadAt = start + FrameHeader.byteCount..<start + byteCount
        return header
    }

    /// Bytes of the file that a read would wait for, where the last one did not.
    package var awaited: Range<Int> { window.awaited }

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

extension FrameLoader {
    private func header(
        in file: some StoredFile, segment: SegmentHeader, at place: Place
    ) throws(LogError) -> FrameHeader {
        let start = place.position.offset
        do throws(FormatError) {
            let header = try FrameHeader(
                parsing: window.span(start..<start + FrameHeader.byteCount), at: place.position,
                segmentSalt: segment.segmentSalt)
            guard header.frameByteCount == place.byteCount else { throw .invalidField("a frame of another length") }
            return header
        } catch {
            throw .damaged(path: file.path, offset: start, error)
        }
    }

    private mutating func fill(
        _ byteCount: Int, _ file: some StoredFile, at place: Place, _ reading: FrameReading, _ mayWait: Bool
    ) throws(LogError) -> Bool {
        let start = place.position.offset
        return try window.fill(
            byteCount, at: start, to: start + min(place.runByteCount, reading.stepByteCount),
            aheadTo: reading == .heads ? start : start + place.runByteCount, of: file, mayWait: mayWait)
    }
}
