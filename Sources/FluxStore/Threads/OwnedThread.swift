import CFluxSystem
import Glibc

/// A thread that one owner starts and ends: whoever blocks on a disk does so here, and never on the threads that all
/// tasks share.
final class OwnedThread: Sendable {
    private let isRunning = Guarded(true)

    /// Starts the thread with what it is to do; throws `io` where the system has none left. The name has at most 15 bytes,
    /// and is what a person who looks at the process sees.
    init(name: String, _ body: @escaping @Sendable () -> Void) throws(StoreError) {
        let isRunning = isRunning
        let work = Work {
            unsafe flux_name_thread(name)
            body()
            isRunning.withLock { $0 = false }
            isRunning.signal()
        }
        var thread = pthread_t()
        let retained = unsafe Unmanaged.passRetained(work).toOpaque()
        let number = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, retained)
        guard number == 0 else {
            unsafe Unmanaged<Work>.fromOpaque(retained).release()
            throw StoreError(.io, "the system has no thread left for \(name) (error \(number))")
        }
        pthread_detach(thread)
    }

    /// Waits until the thread has returned from what it does. Who owns the thread has told it to.
    func join() {
        _ = isRunning.wait { $0 ? nil : true }
    }

    /// What a thread does, once.
    private final class Work: Sendable {
        private let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }

        func run() { body() }
    }
}

extension OwnedThread {
    /// Does something that blocks on a disk on a thread of its own, and waits for it.
    static func run<Value: Sendable>(
        name: String, _ body: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            do throws(StoreError) {
                _ = try OwnedThread(name: name) {
                    do throws(StoreError) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }
}
