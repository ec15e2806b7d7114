import FluxFormat

/// How a log is written.
package struct LogOptions: Sendable {
    /// Bytes of a segment after which the next begins; a larger batch has a segment of its own.
    package var segmentByteCountMax: Int
    /// Raw bytes of a frame after which the next begins.
    package var frameByteCountTarget: Int

    package init(segmentByteCountMax: Int = 128 << 20, frameByteCountTarget: Int = FormatLimit.frameByteCountTarget) {
        self.segmentByteCountMax = segmentByteCountMax
        self.frameByteCountTarget = frameByteCountTarget
    }
}
