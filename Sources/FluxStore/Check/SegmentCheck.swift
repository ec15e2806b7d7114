import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Checks one segment: its seal alone, or every byte of it.
struct SegmentCheck {
    let extent: LogExtent
    let depth: VerifyDepth
    /// Whether the file could be opened.
    private(set) var isRead = false
    private(set) var frameCount = 0
    private(set) var eventCount = 0
    /// The frames of events, as the index takes them.
    private(set) var frames: [IndexedFrame] = []
    var findings: [String] = []

    init(extent: LogExtent, depth: VerifyDepth) {
        self.extent = extent
        self.depth = depth
    }

    mutating func run(_ segment: SegmentFile<PosixFile>, reportingTo progress: (Double) -> Void) throws(LogError) {
        isRead = true
        // A segment may have gone on, and been sealed, behind the end that was noted.
        let isLast = segment.name.segment == extent.end.segment
        let isWhole = !isLast || extent.end.offset >= segment.framesEnd
        guard let trailer = segment.trailer, isWhole else {
            return try walk(segment, end: isLast ? extent.end.offset : segment.framesEnd, progress)
        }
        let seal = try SegmentSeal(
            reading: segment.file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
        let check = SealCheck(seal, segment)
        findings += check.trailerDifferences(trailer)
        guard depth == .deep else {
            do throws(FormatError) {
                frames = try seal.frames(of: segment.header)
            } catch {
                findings.append("\(segment.file.path): \(error)")
            }
            frameCount = frames.count { $0.header.frameKind == .events }
            eventCount = frames.reduce(0) { $0 + Int($1.header.eventCount) }
            return progress(1)
        }
        try walk(segment, end: segment.framesEnd, progress)
        if findings.isEmpty { findings += check.differences(from: frames) }
    }

    /// Reads every frame. A payload that is damaged does not hide the frames behind it: headers and chain lead on.
    private mutating func walk(
        _ segment: SegmentFile<PosixFile>, end: Int, _ progress: (Double) -> Void
    ) throws(LogError) {
        var scan = SegmentScan<PosixFile>()
        scan.begin(segment.file, segment: segment.header, end: min(end, segment.framesEnd))
        var decoder = FrameDecoder()
        while let frame = try scan.next(verifyingPayload: false) {
            progress(Double(frame.position.offset) / Double(max(1, segment.framesEnd)))
            do throws(FormatError) {
                guard frame.header.frameKind == .events else {
                    try FrameDecoder.verify(
                        frame.header, payload: scan.payload, storeSalt: segment.header.storeSalt)
                    if frame.header.frameKind == .tombstone {
                        frames.append(
                            IndexedFrame(
                                header: frame.header, position: frame.position, generation: segment.header.generation))
                    }
                    continue
                }
                try decoder.decode(frame.header, payload: scan.payload, storeSalt: segment.header.storeSalt)
                frameCount += 1
                eventCount += Int(frame.header.eventCount)
            } catch {
                let damage = LogError.damaged(path: segment.file.path, offset: frame.position.offset, error)
                let isOfEvents = frame.header.frameKind == .events
                findings.append(
                    isOfEvents ? "\(damage); a frame of execution \(frame.header.executionID)" : "\(damage)")
                guard isOfEvents else { continue }
            }
            frames.append(IndexedFrame.read(frame, segment: segment, payload: scan.payload, decoder: &decoder).0)
        }
    }
}
