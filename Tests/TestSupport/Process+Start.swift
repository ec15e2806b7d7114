public import Foundation

extension Process {
    /// Starts the process.
    ///
    /// Foundation's `run()` lists a folder, and copies 256 bytes of the last name in it, behind the end of its buffer of
    /// 32 KiB. Where the heap ends there, that crashes. Memory that was freed just before lies behind the buffer then.
    public func start() throws {
        free(malloc(100 << 10))
        try run()
    }
}
