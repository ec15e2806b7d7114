import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Where a cursor gets its frames from: the places of one execution, or the whole log in order.
struct FrameFeed<Files: FileSystem>: ~Copyable {
    private let table: SegmentTable<Files>
    private var locations: [FrameLocation]
    private var nextLocation = 0
    private let executionID: ExecutionID?
    private var loader = FrameLoader()
    private var scan: LogScan<Files>
    /// What of the whole log is still there.
    private var filter: FrameFilter?

    /// The frames of one execution.
    init(_ table: SegmentTable<Files>, executionID: ExecutionID, locations: [FrameLocation]) {
        self.table = table
        self.executionID = executionID
        self.locations = locations
        scan = LogScan(table, extent: LogExtent(segments: [], end: .zero, nextFrameSequence: 0))
    }

    /// All frames of events of an extent that a filter takes.
    init(_ table: SegmentTable<Files>, extent: LogExtent, filter: FrameFilter? = nil) {
        self.filter = filter
        self.table = table
        executionID = nil
        locations = []
        scan = LogScan(table, extent: extent)
    }

    /// The next frame of events and the segment it is in; its payload is not verified yet.
    mutating func next() throws(LogError) -> (header: FrameHeader, segment: SegmentFile<Files.File>, offset: Int)? {
        guard let executionID else {
            scan.invalidate()
            while let frame = try scan.next(verifyingPayload: false) {
                guard frame.header.frameKind == .events, let segment = scan.segment else { continue }
                if let filter, try !filter.takes(frame.header) { continue }
                return (frame.header, segment, frame.position.offset)
            }
            return nil
        }
        loader.invalidate()
        guard nextLocation < locations.count else { return nil }
        let location = locations[nextLocation]
        nextLocation += 1
        let name = SegmentName(segment: location.position.segment, generation: UInt32(location.generation))
        let segment = try table.segment(name)
        let header = try loader.load(
            segment.file, segment: segment.header, at: location.position, byteCount: location.byteCount)
        guard header.executionID == executionID, header.headerHash == location.headerHash else {
            throw .broken(
                path: segment.file.path,
                reason: "another frame lies at \(location.position) than the index says; delete the index folder")
        }
        return (header, segment, location.position.offset)
    }

    /// The stored payload of the last frame, which the caller lets nobody use once the next one is read.
    @unsafe
    var unownedPayload: RawSpan {
        @_lifetime(immortal)
        borrowing get { unsafe executionID == nil ? scan.unownedPayload : loader.unownedPayload }
    }
}
