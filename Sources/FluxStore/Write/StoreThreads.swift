import FluxFiles
import FluxLog

/// The threads of a store that is open for writing: one commits, one tells callers, one follows with the index, one
/// prepares files.
final class StoreThreads<Files: FileSystem>: Sendable {
    private let engine: StoreEngine<Files>
    private let threads: [OwnedThread]
    /// Work for the thread that prepares files.
    private let bell: Guarded<Bell>

    private struct Bell {
        var isRung = false
        var isClosed = false
        /// Whether the thread that prepares files has ended.
        var isSilent = false
    }

    /// Starts the threads; `follow` is the whole work of the one that follows with the index.
    init(
        _ engine: StoreEngine<Files>, lock: StoreLock, follow: @escaping @Sendable () -> Void
    ) throws(StoreError) {
        self.engine = engine
        let bell = Guarded(Bell())
        self.bell = bell
        let lock = SharedLock(lock, userCount: 3)
        threads = [
            try OwnedThread(name: "flux-commit") {
                Self.commit(engine, bell); lock.leave()
            },
            try OwnedThread(name: "flux-complete") { engine.completer.work(engine.monitor.noteSlow) },
            try OwnedThread(name: "flux-index") {
                follow(); lock.leave()
            },
            try OwnedThread(name: "flux-prepare") {
                Self.prepare(engine, bell); lock.leave()
            },
        ]
    }

    /// Ends writing in order and lets another writer in. Blocks until all threads have ended; a second call does nothing.
    func close() {
        engine.queue.close()
        engine.published.ignoreLag()
        for thread in threads { thread.join() }
    }

    deinit {
        // The threads hold the engine, not this object: whoever drops a store without closing it ends them, too.
        close()
    }

    private static func commit(_ engine: StoreEngine<Files>, _ bell: Guarded<Bell>) {
        var isOpen = true
        while isOpen {
            let wait = engine.committer.step(now: .now)
            if engine.background.hasWork {
                bell.withLock { $0.isRung = true }
                bell.signal()
            }
            switch wait {
            case .ready:
                guard let target = engine.committer.gathering.next() else { continue }
                let isReached = engine.queue.gather(count: target.count, until: .now + target.nanoseconds)
                engine.committer.gathering.noteWait(isReached: isReached)
            case .lagging: engine.published.waitForIndex()
            case .until(let deadline): isOpen = engine.queue.waitForWork(until: deadline)
            }
        }
        bell.withLock { $0.isClosed = true }
        bell.signal()
        // A file that is made meanwhile would be left behind.
        _ = bell.wait { $0.isSilent ? true : nil }
        // What fails here is put right by the next opening: everything acknowledged is in the log.
        try? engine.committer.finish(now: .now)
        engine.published.close()
        engine.completer.close()
    }

    private static func prepare(_ engine: StoreEngine<Files>, _ bell: Guarded<Bell>) {
        while let isOpen = bell.wait({ state -> Bool? in
            defer { state.isRung = false }
            return state.isClosed ? false : state.isRung ? true : nil
        }), isOpen {
            engine.background.runAll()
        }
        bell.withLock { $0.isSilent = true }
        bell.signal()
    }
}
