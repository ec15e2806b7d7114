/// Sizes that bound what is written, and what is read before anything is allocated for it.
public enum FormatLimit {
    /// Raw bytes of a frame at which the writer starts the next one.
    public static let frameByteCountTarget = 64 << 10
    /// Raw bytes of the largest frame that is written.
    public static let frameByteCountMax = 1 << 20
    /// Raw bytes of the largest frame that is read.
    public static let readableFrameByteCountMax = 16 << 20
    /// Payload bytes of an event that still stand in one record; a larger event is stored in pieces of this size.
    public static let pieceByteCount = 960 << 10
    /// Payload bytes of the largest event.
    public static let eventByteCountMax = 64 << 20
    /// Bytes of the largest batch, as stored.
    public static let batchByteCountMax = 128 << 20
    /// Bytes of the largest descriptor.
    public static let descriptorByteCountMax = 32 << 10
    /// Bytes of the longest name or lane path.
    public static let nameByteCountMax = 4 << 10
    /// The greatest sequence with which a segment begins.
    public static let firstFrameSequenceMax: UInt64 = 1 << 62
    /// The greatest generation of a slot of HEAD.
    public static let headGenerationMax: UInt64 = 1 << 62
    /// The greatest number of a segment.
    public static let segmentMax = UInt32.max - 1
    /// Bytes of the smallest section that is worth compressing.
    public static let compressedByteCountMin = 64
}
