public import Foundation
import Synchronization

extension Process {
    private static let turn = Mutex(())

    /// Starts the process while no other starts: Foundation's `run()` has crashed in its own memory where several ran at
    /// once.
    public func start() throws { try Self.turn.withLock { _ in try run() } }
}
