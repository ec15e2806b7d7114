package import FluxFormat

/// What of a frame is read, and held against its hashes; its header always is.
package enum FrameReading: Sendable {
    /// Everything.
    case verified
    /// All is read, and the payload is the caller's to verify.
    case unverified
    /// Of events only the heads are read, of other kinds no more than the header; they are the caller's to verify.
    case heads

    /// Bytes that are read at once. A larger step leaves less of itself in the processor's cache until it is decoded; where
    /// bodies are passed over, most of what would be read ahead belongs to them.
    package var stepByteCount: Int { self == .heads ? 8 << 10 : 128 << 10 }
}

/// What reading the next frame came to.
package enum FrameStep: Sendable {
    case frame(ScannedFrame)
    case end
    /// The disk would have to be waited for. The next step begins at the same frame.
    case pending
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

extension FrameHeader {
    /// Bytes of the frame up to its bodies, header included, as the front of its payload says.
    func byteCountBeforeBodies(_ payload: RawSpan) throws(FormatError) -> Int {
        let prologue = try FramePrologue(parsing: payload, header: self, parts: .prologue)
        return Self.byteCount + prologue.bodiesOffset
    }

    /// Bytes at the front of the frame that tell where its bodies begin.
    var prologueEnd: Int { min(Self.byteCount + FramePrologue.byteCount, frameByteCount) }
}
