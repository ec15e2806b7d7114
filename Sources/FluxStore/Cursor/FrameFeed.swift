import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Where a cursor gets its frames from: the places of one execution, those of a query's, or a range of the log.
struct FrameFeed<Files: FileSystem>: ~Copyable {
    private let table: SegmentTable<Files>
    private let reading: FrameReading
    /// The execution that is read; `nil` before the first one of a query.
    private var locations: FrameLocations<Files>?
    private var nextPlace = 0
    private var pages: ExecutionPages<Files>?
    private var loader = FrameLoader()
    /// The segment of the last frame that was read by its place.
    private var located: SegmentFile<Files.File>?
    private let isScan: Bool
    private var scan: LogScan<Files>
    /// What of the log is still there; `nil` where places say it.
    private var filter: FrameFilter<Files>?
    /// What the last step would have waited for, where it did not. What fails in it fails again for who waits.
    private(set) var awaited: @Sendable () -> Void = {}

    /// The frames of one execution.
    init(_ table: SegmentTable<Files>, _ locations: FrameLocations<Files>, reading: FrameReading = .unverified) {
        self.init(table, reading: reading)
        self.locations = locations
    }

    /// The frames of the executions of a query, one execution after the other.
    init(_ table: SegmentTable<Files>, _ pages: ExecutionPages<Files>, reading: FrameReading) {
        self.init(table, reading: reading)
        self.pages = pages
    }

    /// The frames of events that begin in a range of an extent, of executions that a filter takes.
    init(
        _ table: SegmentTable<Files>, extent: LogExtent, over range: Range<Position>, filter: FrameFilter<Files>,
        reading: FrameReading
    ) {
        self.filter = filter
        self.table = table
        self.reading = reading
        isScan = true
        scan = LogScan(table, extent: extent, over: range)
    }

    private init(_ table: SegmentTable<Files>, reading: FrameReading) {
        self.table = table
        self.reading = reading
        isScan = false
        scan = LogScan(table, extent: LogExtent(segments: [], end: .zero, nextFrameSequence: 0))
    }

    /// The file of the last frame.
    var path: String { (isScan ? scan.segment : located)?.file.path ?? table.path }

    /// What seeds the hashes of the last frame's payload.
    var storeSalt: UInt64 { isScan ? scan.storeSalt : located?.header.storeSalt ?? 0 }

    /// The next frame of events, read as far as the cursor wants it; its payload is not verified yet. Waits for the disk
    /// only with `mayWait`.
    mutating func next(mayWait: Bool = true) throws(StoreError) -> FrameStep {
        guard !isScan else { return try scanned(mayWait: mayWait) }
        loader.invalidate()
        while nextPlace == locations?.count ?? 0 {
            guard let pages else { return .end }
            guard mayWait || pages.isKnown else { return pending(pages.awaited) }
            guard let next = try self.pages?.next() else { return .end }
            locations = next
            nextPlace = 0
        }
        guard let step = try load(mayWait: mayWait) else { return .pending }
        nextPlace += 1
        return .frame(step)
    }

    /// Goes on at the frame of one execution in which an event begins, or at the end where it has no such event.
    mutating func seek(toEvent event: UInt64) throws(StoreError) {
        guard pages == nil, !isScan else {
            preconditionFailure("seek(to:) of a cursor over more than one execution")
        }
        nextPlace = try locations?.place(ofEvent: event, in: table) ?? 0
    }

    /// The stored payload of the last frame, which the caller lets nobody use once the next one is read.
    @unsafe
    var unownedPayload: RawSpan {
        @_lifetime(immortal)
        borrowing get { unsafe isScan ? scan.unownedPayload : loader.unownedPayload }
    }
}

extension FrameFeed {
    private mutating func pending(_ work: @escaping @Sendable () -> Void) -> FrameStep {
        awaited = work
        return .pending
    }

    private mutating func scanned(mayWait: Bool) throws(StoreError) -> FrameStep {
        scan.invalidate()
        do throws(LogError) {
            while true {
                switch try scan.step(reading, mayWait: mayWait) {
                case .frame(let frame):
                    if frame.header.frameKind == .events, try filter?.takes(frame) ?? true {
                        return .frame(frame)
                    }
                case .end: return .end
                case .pending: return pending(scan.awaited)
                }
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// Reads the frame at ``nextPlace``; `nil` where the disk would have to be waited for.
    private mutating func load(mayWait: Bool) throws(StoreError) -> ScannedFrame? {
        guard let executionID = locations?.executionID else { return nil }
        if !mayWait, let work = locations?.awaited(for: nextPlace) {
            awaited = work
            return nil
        }
        guard let location = try locations?.frame(at: nextPlace, in: table) else { return nil }
        let place = FrameLoader.Place(
            position: location.position, byteCount: location.byteCount,
            runByteCount: locations?.runByteCount(from: nextPlace) ?? 0)
        do throws(LogError) {
            guard let segment = try segment(of: location, mayWait: mayWait) else { return nil }
            guard
                let header = try loader.load(
                    reading, segment.file, segment: segment.header, at: place, mayWait: mayWait)
            else {
                let (file, bytes) = (segment.file, loader.awaited)
                awaited = { file.warm(bytes) }
                return nil
            }
            guard header.executionID == executionID, header.headerHash == location.headerHash else {
                throw .broken(
                    path: segment.file.path,
                    reason: "another frame lies at \(location.position) than the index says; delete the index folder")
            }
            return ScannedFrame(header: header, position: location.position)
        } catch {
            throw StoreError(error)
        }
    }

    /// The segment of a frame; `nil` where its file would have to be opened, and that waited for.
    private mutating func segment(
        of location: FrameLocation, mayWait: Bool
    ) throws(LogError) -> SegmentFile<Files.File>? {
        let name = SegmentName(segment: location.position.segment, generation: location.generation)
        if let located, located.name == name { return located }
        guard mayWait || table.isOpen(name) else {
            let table = table
            awaited = { _ = try? table.segment(name) }
            return nil
        }
        located = try table.segment(name)
        return located
    }
}
