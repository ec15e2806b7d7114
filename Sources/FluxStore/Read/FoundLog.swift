import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// The log as a reader finds it, without changing it.
struct FoundLog {
    /// The store, as the header of the last segment names it.
    let header: SegmentHeader
    private(set) var extent: LogExtent
    private(set) var warnings: [String]
    /// The files of the segments.
    let segments: [SegmentName]

    /// Finds the end of the log; `nil` where nothing was ever stored.
    ///
    /// Beside a live writer it is where HEAD says; without one the last segment is walked. `evidence` is what is known of
    /// the end from elsewhere.
    init?(
        _ directory: LogDirectory<some FileSystem>, isWriterAlive: Bool, evidence: LogEvidence
    ) throws(StoreError) {
        do throws(LogError) {
            warnings = directory.damage.map(\.description)
            guard let last = directory.last else {
                if let damage = directory.damage.first { throw damage }
                return nil
            }
            header = last.header
            segments = directory.segments.map(\.name)
            extent = LogExtent(
                segments: directory.segments.map(\.name.segment), end: last.end, nextFrameSequence: 0,
                firstFrameSequence: directory.firstFrameSequence)
            let evidence = evidence.combined(with: directory.head?.evidence ?? .none)
            if isWriterAlive, let head = directory.head, head.durableEnd.segment <= last.name.segment {
                end(at: head.evidence)
            } else if let trailer = last.trailer {
                extent.nextFrameSequence = trailer.firstFrameSequence + UInt64(trailer.frameCount)
                checkEnd(evidence, path: directory.segmentDirectory)
            } else {
                end(with: try LogTail(walking: last, evidence: evidence), byteCount: last.byteCount)
            }
        } catch {
            throw StoreError(error)
        }
    }

    private mutating func end(at evidence: LogEvidence) {
        extent.segments.removeAll { $0 > evidence.end.segment }
        extent.end = evidence.end
        extent.nextFrameSequence = evidence.nextFrameSequence
    }

    private mutating func checkEnd(_ evidence: LogEvidence, path: String) {
        guard evidence.end > extent.end, evidence.end.offset > SegmentHeader.byteCount else { return }
        warnings.append(
            "\(path): the log was stored durably up to \(evidence.end), and ends at \(extent.end): files are missing")
    }

    /// Ends the extent where the walk ended, or where something says that everything before was durable.
    private mutating func end(with tail: LogTail, byteCount: Int) {
        extent.end = Position(segment: extent.end.segment, offset: tail.end)
        extent.nextFrameSequence = tail.nextFrameSequence
        switch tail.rest {
        case .nothing: break
        case .torn(let error), .suspect(let error):
            warnings.append("\(error): an unfinished write, which no one was promised; it is left out")
        case .damaged(let error, let promised):
            warnings.append("\(error); bytes up to \(promised.end) were stored durably")
            guard promised.end.segment == extent.end.segment, promised.end.offset <= byteCount else { return }
            extent.end = promised.end
            extent.nextFrameSequence = promised.nextFrameSequence
        }
    }
}

extension FoundLog {
    /// What there is of a store's log; `log` is `nil` where nothing was ever stored.
    struct Seen {
        let log: FoundLog?
        let head: LogHead?
        let isWriterAlive: Bool
    }

    /// Finds the log of a store that a writer may have open, begin to write, or close meanwhile. See ``SecondLook``.
    static func look(at path: String, files: some FileSystem) throws(StoreError) -> Seen {
        try SecondLook.settled { () throws(StoreError) in
            let isWriterAlive = StoreLock.isHeld(path, files: files)
            let directory = try list(path, files: files)
            let evidence = IndexKeeper.evidence(in: path, of: directory.last?.header.storeID)
            let log = try FoundLog(directory, isWriterAlive: isWriterAlive, evidence: evidence)
            // Of segments that are gone the index may know.
            if log == nil { _ = try IndexKeeper.owner(ofEmptyStore: path) }
            let seen = Seen(log: log, head: directory.head, isWriterAlive: isWriterAlive)
            return (seen, log?.warnings ?? [])
        }
    }

    /// Lists the segments, and opens each once.
    static func list<Files: FileSystem>(
        _ path: String, files: Files
    ) throws(StoreError) -> LogDirectory<Files> {
        do throws(LogError) {
            return try LogDirectory(path, files: files, access: .read)
        } catch {
            throw StoreError(error)
        }
    }
}
