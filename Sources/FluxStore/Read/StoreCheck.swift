import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// The steps of ``EventStore/verify(reportingTo:)``.
struct StoreCheck {
    let table: SegmentTable<PosixFileSystem>
    let extent: LogExtent
    let storeID: StoreID
    private(set) var report = VerifyReport()
    private var frames: [IndexedFrame] = []

    init(table: SegmentTable<PosixFileSystem>, extent: LogExtent, storeID: StoreID) {
        self.table = table
        self.extent = extent
        self.storeID = storeID
    }

    private mutating func find(_ place: VerifyReport.Finding.Place, _ message: String) {
        report.findings.append(VerifyReport.Finding(place: place, message: message))
    }

    /// What the index still knew of when the store was opened, and the log had no more.
    mutating func checkLoss(_ loss: String?) {
        if let loss { find(.log, loss) }
    }

    /// Headers, names and the chain between segments.
    mutating func checkDirectory(_ files: PosixFileSystem) throws(StoreError) {
        guard !extent.segments.isEmpty else { return }
        do throws(LogError) {
            let directory = try LogDirectory(table.path, files: files, access: .read)
            for damage in directory.damage { find(.log, damage.description) }
        } catch {
            throw StoreError(error)
        }
    }

    /// Every frame of every segment, and each seal against the frames that it tells of.
    mutating func checkFrames(reportingTo progress: (Double) -> Void) throws(StoreError) {
        let segmentCount = Double(extent.segments.count)
        for (index, segment) in extent.segments.enumerated() {
            do throws(LogError) {
                try checkSegment(try table.reopened(SegmentName(segment: segment))) { share in
                    progress((Double(index) + share) / segmentCount)
                }
            } catch {
                if case .io = error { throw StoreError(error) }
                find(.log, error.description)
            }
        }
        var ids: Set<ExecutionID> = []
        for frame in frames { ids.insert(frame.header.executionID) }
        report.executions = ids.count
    }

    /// The rows of the index against those that the log gives, if all of it could be read.
    mutating func checkIndex(_ source: IndexSource) throws(StoreError) {
        // What could not be read of the log says nothing about its rows.
        guard !report.findings.contains(where: { $0.place == .log }) else { return }
        let end = AppliedPosition(position: extent.end, nextFrameSequence: extent.nextFrameSequence)
        let id = (high: storeID.high, low: storeID.low)
        let expected: MetadataIndex
        do throws(IndexError) {
            expected = try MetadataIndex.open(path: nil, storeID: id, access: .readWrite)
            try expected.apply(frames, through: end)
        } catch {
            throw StoreError(error)
        }
        do throws(StoreError) {
            let differences = try source.read { (index) throws(IndexError) in
                try Self.differences(index, expected, applied: end)
            }
            for difference in differences { find(.index, difference) }
        } catch {
            find(.index, error.message)
        }
    }

    /// What was cut off when the store was opened, and looks complete.
    mutating func checkQuarantine(_ files: PosixFileSystem) throws(StoreError) {
        let path = "\(table.path)/\(LogRecovery.quarantineName)"
        do throws(IOError) {
            guard try files.kind(of: path) == .directory else { return }
            for name in try files.list(path) where name.hasSuffix(LogRecovery.suspectSuffix) {
                find(.quarantine, "\(path)/\(name): was cut off and looks complete; it may have been stored durably")
            }
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreCheck {
    private mutating func checkSegment(
        _ segment: SegmentFile<PosixFile>, reportingTo progress: (Double) -> Void
    ) throws(LogError) {
        report.segments += 1
        var scan = SegmentScan<PosixFile>()
        let isLast = segment.name.segment == extent.end.segment
        scan.begin(
            segment.file, segment: segment.header,
            end: isLast ? min(extent.end.offset, segment.framesEnd) : segment.framesEnd)
        var decoder = FrameDecoder()
        var walked: [SealedFrame] = []
        var isWhole = true
        // A payload that is damaged does not hide the frames behind it: headers and chain lead on.
        while let frame = try scan.next(verifyingPayload: false) {
            progress(Double(frame.position.offset) / Double(max(1, segment.framesEnd)))
            guard frame.header.frameKind == .events else {
                try Self.verify(frame, of: segment, payload: scan.payload)
                continue
            }
            do throws(FormatError) {
                try decoder.decode(frame.header, payload: scan.payload, storeSalt: segment.header.storeSalt)
                report.frames += 1
                report.events += Int(frame.header.eventCount)
            } catch {
                isWhole = false
                let damage = LogError.damaged(path: segment.file.path, offset: frame.position.offset, error)
                find(.log, "\(damage); a frame of execution \(frame.header.executionID)")
            }
            frames.append(
                IndexedFrame.read(frame, segment: segment, payload: scan.payload, decoder: &decoder).0)
            walked.append(
                SealedFrame(
                    frame.header, offset: frame.position.offset,
                    firstFrameSequence: segment.header.firstFrameSequence))
        }
        // A segment may have gone on, and been sealed, behind the end that was noted.
        guard !isLast || extent.end.offset >= segment.framesEnd else { return }
        if let trailer = segment.trailer, isWhole { try checkSeal(of: segment, trailer: trailer, walked: walked) }
    }

    private static func verify(
        _ frame: ScannedFrame, of segment: SegmentFile<PosixFile>, payload: RawSpan
    ) throws(LogError) {
        do throws(FormatError) {
            try FrameDecoder.verify(frame.header, payload: payload, storeSalt: segment.header.storeSalt)
        } catch {
            throw .damaged(path: segment.file.path, offset: frame.position.offset, error)
        }
    }

    private mutating func checkSeal(
        of segment: SegmentFile<PosixFile>, trailer: SegmentTrailer, walked: [SealedFrame]
    ) throws(LogError) {
        let path = segment.file.path
        let seal = try SegmentSeal(
            reading: segment.file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
        let sealed = seal.frames.map { frame in
            var frame = frame
            frame.executionOrdinal = .max
            return frame
        }
        if sealed != walked { find(.log, "\(path): the seal tells of other frames than there are") }
        let ids = Set(frames.suffix(walked.count).map(\.header.executionID))
        if Set(seal.executions.map(\.id)) != ids || !ids.allSatisfy(seal.filter.mayContain) {
            find(.log, "\(path): the seal tells of other executions than there are")
        }
        if seal.records.count != frames.suffix(walked.count).count(where: { $0.metadata != nil }) {
            find(.log, "\(path): the seal has other metadata than there is")
        }
    }

    private static func differences(
        _ index: MetadataIndex, _ expected: MetadataIndex, applied: AppliedPosition
    ) throws(IndexError) -> [String] {
        var found = try index.problems(limit: 5)
        if try index.applied.nextFrameSequence < applied.nextFrameSequence {
            found.append("the index ends before the log")
        }
        var last: UInt64?
        while true {
            let rows = try expected.allSummaries(afterN: last, limit: 1000)
            // A writer may have gone on since the end of the log was noted.
            let actual = try index.allSummaries(afterN: last, limit: 1000)
                .filter { $0.summary.firstFrameSequence < applied.nextFrameSequence }
            for (row, other) in zip(rows, actual) where row != other && !row.isContinued(by: other) {
                found.append("the index differs from the log at execution \(row.summary.id)")
            }
            if rows.count != actual.count { found.append("the index has other executions than the log") }
            guard found.isEmpty, let end = rows.last else { return found }
            last = end.summary.firstFrameSequence
        }
    }
}

extension IndexedExecution {
    /// Whether the other row is this one with more frames.
    fileprivate func isContinued(by other: IndexedExecution) -> Bool {
        other.summary.id == summary.id && !isFinished && other.frames.count > frames.count
            && other.frames.starts(with: frames)
    }
}
