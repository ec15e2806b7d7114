import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// The parts of a store that write, without the threads that work them.
///
/// Tests work it from one thread, in any order that threads could.
final class StoreEngine<Files: FileSystem>: Sendable {
    let queue: CommitQueue
    let completer: Completer
    let published: PublishedLog
    let committer: Committer<Files>
    let indexer: Indexer
    let background: LogBackground<Files>
    let monitor: StoreMonitor

    init(
        _ log: LogWriter<Files>, published: PublishedLog, home: any IndexHome,
        options: EngineOptions, monitor: StoreMonitor = StoreMonitor()
    ) {
        queue = CommitQueue(byteCountMax: options.queueByteCountMax)
        completer = monitor.completer
        self.monitor = monitor
        self.published = published
        background = log.background
        committer = Committer(
            log: log, queue: queue, completer: completer, published: published, options: options.commit,
            monitor: monitor)
        indexer = Indexer(published, home: home, monitor: monitor)
    }
}

/// Limits of the parts of a store that write.
struct EngineOptions: Sendable {
    var queueByteCountMax = 64 << 20
    var commit = CommitOptions()
    var index = IndexOptions()
}

extension PublishedLog {
    /// What a log shows when it was opened. Frames of its tail that the index lacks are in front of it at once.
    convenience init<Files: FileSystem>(
        opening log: LogWriter<Files>, _ found: UnopenedLog<Files>, applied: LogEvidence, options: IndexOptions
    ) {
        let end = LogEvidence(end: log.durableEnd, nextFrameSequence: log.durableNextFrameSequence)
        self.init(
            end: end, start: LogStart(segment: found.firstSegment ?? 1, sequence: found.firstFrameSequence),
            options: options)
        guard applied.nextFrameSequence < found.nextFrameSequence, let tail = found.tail else { return }
        let frames = tail.frames.enumerated().compactMap { index, frame -> IndexedFrame? in
            guard frame.header.isOfExecution, frame.header.frameSequence >= applied.nextFrameSequence else {
                return nil
            }
            return IndexedFrame(
                header: frame.header, position: frame.position, generation: 0, metadata: tail.metadata[index])
        }
        publish(frames, end: end)
    }
}
