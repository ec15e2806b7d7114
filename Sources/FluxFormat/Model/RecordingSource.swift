/// A recorded execution that can be read for replay.
///
/// The store's executions are one; a source over sealed payloads wraps another.
public protocol RecordingSource: Sendable {
    /// The execution's id.
    var id: ExecutionID { get }

    /// Hands out the events in order, each only as long as the call lasts.
    ///
    /// An event that is stored in pieces comes as those pieces: all but the last have ``EventFlags/hasMorePieces``.
    func forEachEvent(_ body: (borrowing EventView) throws -> Void) throws
}
