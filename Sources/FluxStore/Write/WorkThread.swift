import Glibc

/// A thread that runs jobs one after the other: whoever blocks on a disk does so here, and never on the threads that
/// all tasks share.
///
/// Every caller waits for its own job, so there are never more jobs than callers.
final class WorkThread: Sendable {
    private let queue: Queue

    /// Starts the thread; throws `io` where the system has none left.
    init(name: String) throws(StoreError) {
        queue = Queue()
        try queue.start(name: name)
    }

    deinit {
        queue.stop()
    }

    /// Runs a job on the thread and returns what it returns.
    func run<Value: Sendable>(_ job: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let job = OneJob(job)
            queue.add {
                let value = job.run()
                continuation.resume(returning: value)
            }
        }
    }

    /// Runs a job on the thread and blocks the caller meanwhile.
    func runAndWait<Value: Sendable>(_ job: @escaping @Sendable () -> Value) -> Value {
        let answer = Answer<Value>()
        let job = OneJob(job)
        queue.add { answer.give(job.run()) }
        return answer.wait()
    }
}

/// A job that is gone once it has run: whoever waits for it finds nothing held by it any more, as a store's lock.
///
/// `@unchecked Sendable`: made before it is queued, then touched only by the thread that runs it.
private final class OneJob<Value>: @unchecked Sendable {
    private var body: (@Sendable () -> Value)?

    init(_ body: @escaping @Sendable () -> Value) {
        self.body = body
    }

    func run() -> Value {
        guard let body = body.take() else { preconditionFailure("a job that runs twice") }
        return body()
    }
}

/// A value that one thread gives and another waits for.
///
/// `@unchecked Sendable`: the semaphore orders the one write of `value` before the one read.
@safe
private final class Answer<Value>: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private var value: Value?

    init() {
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func give(_ value: Value) {
        self.value = value
        unsafe sem_post(semaphore)
    }

    func wait() -> Value {
        // A signal may end the wait early.
        while unsafe sem_wait(semaphore) != 0 {}
        guard let value else { preconditionFailure("an answer that was not given") }
        return value
    }
}

/// The jobs of a thread, behind a mutex and a condition.
///
/// `@unchecked Sendable`: `jobs` and `isStopping` are touched only with `mutex` held.
@safe
private final class Queue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var isStopping = false

    init() {
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Starts the thread, which keeps the queue alive until it is stopped and empty.
    func start(name: String) throws(StoreError) {
        var thread = pthread_t()
        let retained = unsafe Unmanaged.passRetained(self).toOpaque()
        let number = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Queue>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, retained)
        guard number == 0 else {
            unsafe Unmanaged<Queue>.fromOpaque(retained).release()
            throw StoreError(.io, "the system has no thread left for \(name) (error \(number))")
        }
        pthread_detach(thread)
    }

    func add(_ job: @escaping @Sendable () -> Void) {
        unsafe pthread_mutex_lock(mutex)
        jobs.append(job)
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    func stop() {
        unsafe pthread_mutex_lock(mutex)
        isStopping = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    private func work() {
        while true {
            unsafe pthread_mutex_lock(mutex)
            while jobs.isEmpty && !isStopping { unsafe pthread_cond_wait(condition, mutex) }
            let batch = jobs
            jobs.removeAll()
            unsafe pthread_mutex_unlock(mutex)
            if batch.isEmpty { return }
            for job in batch { job() }
        }
    }
}
