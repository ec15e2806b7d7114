import FluxFiles
import FluxFormat

extension LogWriter {
    /// Lets the log begin with a later segment, which HEAD says durably when this returns. Files before it may then be
    /// removed, in any order: who finds some of them takes them for given up.
    ///
    /// Traps for a segment behind the one that is written. Throws `io` or `noSpace` where HEAD cannot be written: then the
    /// log begins where it did, or with that segment.
    package func dropSegments(before segment: UInt32) throws(LogError) {
        precondition(segment <= active?.header.segment ?? chain.nextSegment, "the active segment is never dropped")
        if let poison { throw .poisoned(reason: poison) }
        try finishRepair()
        let before = background.oldestSegment
        guard segment > before else { return }
        background.oldestSegment = segment
        do throws(IOError) {
            try head?.write(headContent(.open))
        } catch {
            background.oldestSegment = before
            throw LogError(error)
        }
    }

    /// Seals the active segment if it has frames, and begins the next: every frame that was written is in a segment that
    /// another one follows.
    package func beginNextSegment() throws(LogError) {
        if let poison { throw .poisoned(reason: poison) }
        try finishRepair()
        if let active {
            guard active.hasFrames else { return }
            try roll()
        }
        try beginSegment()
    }
}
