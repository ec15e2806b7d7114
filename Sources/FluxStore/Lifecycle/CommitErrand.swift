/// Work of the thread that commits, beside its batches.
struct CommitErrand: Sendable {
    enum Work: Sendable, Equatable {
        /// Lets the log begin at a segment, durably.
        case drop(before: LogStart)
        /// Forgets what is known of executions: some were dropped.
        case forgetExecutions
        /// Seals the active segment if it has frames, and begins another.
        case beginSegment
    }

    let work: Work
    /// Is told once what came of it.
    let finish: @Sendable (Result<Void, StoreError>) -> Void
}
