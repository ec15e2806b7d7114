import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// Where the frames of one execution lie, in order: a page of them in memory, the others asked for when they are wanted.
struct FrameLocations<Files: FileSystem>: Sendable {
    /// Frames of a page.
    static var pageFrameCount: Int { 256 }

    /// Bytes that are looked for ahead.
    private static var runByteCountMax: Int { 2 << 20 }

    let executionID: ExecutionID
    private let view: IndexView<Files>?
    /// The execution's number in the index.
    private let number: Int64
    /// The segment with the first frame.
    private let firstSegment: UInt32
    /// Frames that the index held.
    private let indexedCount: Int
    /// Frames behind those, which were in the overlay.
    private let tail: [FrameLocation]
    private var page: [FrameLocation]
    /// The place of the first frame of the page among all.
    private var pageStart = 0

    /// All frames of an execution, in memory.
    init(_ frames: [FrameLocation], of id: ExecutionID) {
        executionID = id
        view = nil
        number = 0
        firstSegment = 0
        indexedCount = frames.count
        tail = []
        page = frames
    }

    /// The frames that the index holds, the others in pages, and those of the overlay behind them.
    init(
        _ first: FirstFrames, adding overlaid: [IndexedFrame], of id: ExecutionID, in view: IndexView<Files>
    ) throws(StoreError) {
        executionID = id
        self.view = view
        number = first.number
        firstSegment = first.frames[0].position.segment
        indexedCount = first.frameCount
        page = first.frames
        var tail: [FrameLocation] = []
        if !overlaid.isEmpty {
            // The index may hold some of them.
            let last = first.frames.count == first.frameCount ? first.frames.last : nil
            let end =
                if let last { last } else {
                    try view.frames(of: id, number: first.number, first.frameCount - 1..<first.frameCount)[0]
                }
            tail = overlaid.filter { $0.position > end.position }.map(FrameLocation.init(of:))
        }
        self.tail = tail
    }

    var count: Int { indexedCount + tail.count }

    /// Whether the frame at a place is known without asking.
    private func isKnown(_ place: Int) -> Bool {
        place >= indexedCount || page.indices.contains(place - pageStart)
    }

    /// Asks the index for the frame at a place, so that the system has in memory what ``frame(at:)`` will read; `nil` where
    /// nothing is to be asked.
    func awaited(for place: Int) -> (@Sendable () -> Void)? {
        guard !isKnown(place), let view else { return nil }
        let (id, number, places) = (executionID, number, pageOf(place))
        return { _ = try? view.frames(of: id, number: number, places) }
    }

    private func pageOf(_ place: Int) -> Range<Int> { place..<min(place + Self.pageFrameCount, indexedCount) }

    /// The frame at a place below ``count``; asks the index for its page where it is not known, and where that has
    /// forgotten the execution, the files that are held.
    mutating func frame(at place: Int, in table: SegmentTable<Files>) throws(StoreError) -> FrameLocation {
        if place >= indexedCount { return tail[place - indexedCount] }
        if !isKnown(place), let view {
            page = try frames(pageOf(place), view, table)
            pageStart = place
        }
        return page[place - pageStart]
    }

    private func frames(
        _ places: Range<Int>, _ view: IndexView<Files>, _ table: SegmentTable<Files>
    ) throws(StoreError) -> [FrameLocation] {
        let lost: StoreError
        do throws(StoreError) {
            return try view.frames(of: executionID, number: number, places)
        } catch {
            guard error.code == .expired else { throw error }
            lost = error
        }
        do throws(LogError) {
            let sequence = UInt64(bitPattern: number)
            if let found = try table.frames(of: executionID, from: sequence, in: firstSegment, places) { return found }
        } catch {
            throw StoreError(error)
        }
        throw lost
    }

    /// Bytes of frames that follow each other in one file from a place on, as far as is known, and no further than what is
    /// worth reading ahead.
    func runByteCount(from place: Int) -> Int {
        guard place < indexedCount else { return 0 }
        let first = page[place - pageStart]
        var byteCount = first.byteCount
        for frame in page[(place - pageStart + 1)...] {
            guard byteCount < Self.runByteCountMax, frame.generation == first.generation,
                frame.position.rawValue == first.position.rawValue + UInt64(byteCount)
            else { break }
            byteCount += frame.byteCount
        }
        return byteCount
    }

    /// The place of the frame in which an event begins; ``count`` for one behind the last. O(log frames).
    mutating func place(ofEvent event: UInt64, in table: SegmentTable<Files>) throws(StoreError) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if UInt64(try frame(at: middle, in: table).firstEvent) < event { low = middle + 1 } else { high = middle }
        }
        // The first frame that begins with the event; in front of it stand those that begin with an earlier one.
        if low < count, UInt64(try frame(at: low, in: table).firstEvent) == event { return low }
        guard low > 0 else { return 0 }
        let last = try frame(at: low - 1, in: table)
        return event < UInt64(last.firstEvent) + UInt64(last.eventCount) ? low - 1 : low
    }
}
