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
    /// Where damage in the last segment hides how much behind it was durable: the bytes that the segment has.
    private var damagedByteCount: Int?

    /// Walks the last segment; `nil` where nothing was ever stored.
    init?(_ path: String, files: PosixFileSystem) throws(StoreError) {
        do throws(LogError) {
            let directory = try LogDirectory(path, files: files, access: .read)
            warnings = directory.damage.map(\.description)
            guard let last = directory.last else {
                if let damage = directory.damage.first { throw damage }
                return nil
            }
            header = last.header
            extent = LogExtent(
                segments: directory.segments.map(\.name.segment), end: last.end, nextFrameSequence: 0)
            if let trailer = last.trailer {
                extent.nextFrameSequence = trailer.firstFrameSequence + UInt64(trailer.frameCount)
            } else {
                end(with: try LogTail(walking: last), byteCount: last.byteCount)
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// Ends the extent where the walk ended, or where a later frame says that everything before was durable.
    private mutating func end(with tail: LogTail, byteCount: Int) {
        extent.end = Position(segment: extent.end.segment, offset: tail.end)
        extent.nextFrameSequence = tail.nextFrameSequence
        switch tail.rest {
        case .nothing: break
        case .torn(let error):
            warnings.append("\(error): an unfinished write, which no one was promised; it is left out")
        case .damaged(let error, let promisedEnd):
            warnings.append("\(error); bytes up to \(promisedEnd) were stored durably")
            extent.end = promisedEnd
            extent.nextFrameSequence = tail.promisedNextFrameSequence
            damagedByteCount = byteCount
        }
    }

    /// Takes the index's word for what lies behind damage, as far as there are bytes.
    mutating func extend(through applied: AppliedPosition) {
        guard let damagedByteCount, applied.position.segment == extent.end.segment,
            applied.position.offset <= damagedByteCount
        else { return }
        extent.end = applied.position
        extent.nextFrameSequence = applied.nextFrameSequence
    }
}
