import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Frames of executions that the index has forgotten, while a cursor holds their files.
extension SegmentTable {
    /// Calls `body` with the frames of an execution's events in a segment, in order, until it returns `false`; returns what
    /// it returned last. O(frames of the segment), or less where the seal knows that there are none.
    func forEachFrame(
        of id: ExecutionID, in segment: UInt32, _ body: (FrameHeader, FrameLocation) -> Bool
    ) throws(LogError) -> Bool {
        let file = try sealed(segment)
        if let trailer = file.trailer,
            let seal = try? SegmentSeal(
                reading: file.file, segment: file.header, trailer: trailer, end: file.framesEnd)
        {
            guard seal.filter.mayContain(id) else { return true }
            if let frames = try? seal.frames(of: file.header) {
                for frame in frames where frame.header.isOfEvents(of: id) {
                    guard body(frame.header, FrameLocation(of: frame)) else { return false }
                }
                return true
            }
        }
        var scan = file.scan()
        while let frame = try scan.next(verifyingPayload: false) {
            guard frame.header.isOfEvents(of: id) else { continue }
            let location = FrameLocation(
                position: frame.position, generation: file.name.generation, byteCount: frame.header.frameByteCount,
                headerHash: frame.header.headerHash, firstEvent: frame.header.firstEvent,
                eventCount: frame.header.eventCount)
            guard body(frame.header, location) else { return false }
        }
        return true
    }

    /// Where frames of an execution lie, by their places in its order; `nil` where they are not there.
    ///
    /// `sequence` is that of the first of all, which lies in `segment`. O(seals from there on).
    func frames(
        of id: ExecutionID, from sequence: UInt64, in segment: UInt32, _ places: Range<Int>
    ) throws(LogError) -> [FrameLocation]? {
        var found: [FrameLocation] = []
        var place = 0
        var segment = segment
        do throws(LogError) {
            while try forEachFrame(
                of: id, in: segment,
                { header, location in
                    guard header.frameSequence >= sequence else { return true }
                    if places.contains(place) { found.append(location) }
                    place += 1
                    return place < places.upperBound
                })
            {
                segment += 1
            }
        } catch {
            if case .expired = error { return nil }
            guard case .io(let cause) = error, cause.isMissing else { throw error }
            return nil
        }
        return found
    }

    /// Whether an execution begins between the start of a segment and a frame of it at a position.
    func begins(_ id: ExecutionID, from segment: UInt32, before position: Position) throws(LogError) -> Bool {
        for number in segment...max(segment, position.segment) {
            var isFound = false
            _ = try forEachFrame(of: id, in: number) { header, location in
                guard location.position < position else { return false }
                isFound = header.flags.contains(.executionFirst)
                return !isFound
            }
            if isFound { return true }
        }
        return false
    }
}

extension FrameHeader {
    fileprivate func isOfEvents(of id: ExecutionID) -> Bool { frameKind == .events && executionID == id }
}
