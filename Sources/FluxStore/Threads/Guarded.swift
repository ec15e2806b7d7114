import Glibc

/// State that several threads change, and a condition on which they wait for a change.
///
/// `@unchecked Sendable`: the state is touched only with the mutex held. A mutex of the system instead of the standard
/// library's, because threads wait on the state, and for a time.
@safe
final class Guarded<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: sending State) {
        self.state = state
        var kind = pthread_mutexattr_t()
        unsafe pthread_mutexattr_init(&kind)
        // Nothing is held for long: whoever comes meanwhile looks again for a moment before it sleeps.
        unsafe pthread_mutexattr_settype(&kind, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
        unsafe pthread_mutex_init(mutex, &kind)
        unsafe pthread_mutexattr_destroy(&kind)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Waits end after a time, whatever is done to the clock on the wall.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Looks at the state or changes it. Nothing that takes long, and no IO, belongs into `body`.
    func withLock<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Wakes whoever waits.
    func signal() { unsafe pthread_cond_broadcast(condition) }

    /// Waits until `body` returns a value, which it is asked for again after each ``signal()``; `nil` behind `deadline`.
    func wait<Result>(until deadline: MonotonicTime? = nil, _ body: (inout State) -> Result?) -> Result? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            if let deadline {
                var time = deadline.timespec
                // The last look is behind the deadline.
                if unsafe pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&state) }
            } else {
                unsafe pthread_cond_wait(condition, mutex)
            }
        }
    }
}
