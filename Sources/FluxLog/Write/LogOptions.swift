import FluxFormat

/// How a log is written.
package struct LogOptions: Sendable {
    /// Bytes of a segment after which the next begins; a larger batch has a segment of its own.
    package var segmentByteCountMax: Int
    /// Raw bytes of a frame after which the next begins.
    package var frameByteCountTarget: Int
    /// Bytes that are written and synced together; a larger batch is a group of its own.
    package var groupByteCountMax: Int
    /// Bytes that the first segment of a store reserves; the next reservations double, so that a small store stays small.
    package var reserveByteCountMin = 4 << 20
    /// Age of a segment after which the next begins.
    package var segmentAgeNanosecondsMax: UInt64
    /// Bytes of the log from which on room is kept for a full disk, and the bytes that are kept.
    package var ballast: (logByteCountMin: Int, byteCount: Int)

    /// Is told of syncs, rolls and what befalls the log; `nil` where no one asks.
    package var observer: (any LogObserver)?

    /// Makes salts and the ids of new stores.
    package var random: @Sendable () -> UInt64 = {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    package init(
        segmentByteCountMax: Int = 128 << 20, frameByteCountTarget: Int = FormatLimit.frameByteCountTarget,
        groupByteCountMax: Int = 4 << 20, segmentAgeNanosecondsMax: UInt64 = 3600 * 1_000_000_000,
        ballast: (logByteCountMin: Int, byteCount: Int) = (1 << 30, 64 << 20)
    ) {
        self.segmentByteCountMax = segmentByteCountMax
        self.frameByteCountTarget = frameByteCountTarget
        self.groupByteCountMax = groupByteCountMax
        self.segmentAgeNanosecondsMax = segmentAgeNanosecondsMax
        self.ballast = ballast
    }
}
