import FluxIndex
import FluxLog

/// What is done on the threads of a store for whoever retains, deletes or scavenges, each as a call that blocks.
protocol LifecycleWork: Sendable {
    /// Has the thread that commits do something.
    func commit(_ work: CommitErrand.Work) throws(StoreError)
    /// Runs work on the index, once it holds everything that was published before.
    func index(_ body: @escaping @Sendable (MetadataIndex) throws(IndexError) -> Void) throws(StoreError)
}

/// Hands work to threads, and waits for it.
struct ThreadedWork: LifecycleWork {
    let queue: CommitQueue
    let published: PublishedLog

    func commit(_ work: CommitErrand.Work) throws(StoreError) {
        let answer = Answer()
        guard queue.add(CommitErrand(work: work, finish: answer.give)) else { throw Answer.closed }
        try answer.wait()
    }

    func index(_ body: @escaping @Sendable (MetadataIndex) throws(IndexError) -> Void) throws(StoreError) {
        try published.waitIndexed(below: published.end.nextFrameSequence)
        let answer = Answer()
        guard published.add(IndexErrand(body: body, finish: answer.give)) else { throw Answer.closed }
        try answer.wait()
    }

    /// What came of some work, which one thread tells and another waits for.
    private final class Answer: Sendable {
        static let closed = StoreError(.closed, "the store was closed meanwhile; open it again")

        private let result = Guarded<Result<Void, StoreError>?>(nil)

        func give(_ result: Result<Void, StoreError>) {
            self.result.withLock { $0 = result }
            self.result.signal()
        }

        func wait() throws(StoreError) {
            guard let result = result.wait({ $0 }) else { preconditionFailure("a wait without end has ended") }
            try result.get()
        }
    }
}
