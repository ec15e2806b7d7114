import CFluxSystem
import Glibc

/// The front of a file, mapped into the memory of the process for reading until the last reference goes.
///
/// Bytes are read by ``load(_:)``, which throws where the disk fails or the file has become shorter. A byte that was not
/// loaded, or that the system has dropped since and cannot read again, ends the process when it is touched: for files whose
/// front nobody cuts off or writes anew, on a disk of this machine.
@safe
package final class MappedFile: Sendable {
    private let path: String
    private nonisolated(unsafe) let base: UnsafeRawPointer
    package let byteCount: Int

    /// `nil` where the system maps no files, or cannot load them by a call, and for files of a network. `byteCount` is not 0.
    init?(_ descriptor: Int32, path: String, byteCount: Int) {
        guard let base = unsafe flux_map(descriptor, byteCount) else { return nil }
        self.path = path
        unsafe self.base = UnsafeRawPointer(base)
        self.byteCount = byteCount
    }

    deinit {
        unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
    }

    /// Reads bytes into memory, and waits for the disk. Throws where they cannot be read, or are not there any more.
    package func load(_ range: Range<Int>) throws(IOError) {
        let pages = pages(of: range)
        let number = unsafe flux_map_load(base + pages.lowerBound, pages.count)
        guard number == 0 else { throw IOError("read at \(range.lowerBound)", path, number: number) }
    }

    /// Whether bytes, at most 1 MiB, are in memory. Waits for nothing.
    package func isLoaded(_ range: Range<Int>) -> Bool {
        let pages = pages(of: range)
        return unsafe flux_map_is_loaded(base + pages.lowerBound, pages.count) == 1
    }

    /// Bytes that were loaded, which the caller lets nobody use once the last reference to the mapping goes.
    @unsafe
    @_lifetime(immortal)
    package borrowing func unownedSpan(_ range: Range<Int>) -> RawSpan {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "bytes outside of a mapping")
        let bytes = unsafe RawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count)
        return unsafe _overrideLifetime(bytes, copying: ())
    }

    /// The whole pages that have the bytes.
    private func pages(of range: Range<Int>) -> Range<Int> {
        range.lowerBound & ~(Self.pageByteCount - 1)..<max(range.upperBound, range.lowerBound + 1)
    }

    private static let pageByteCount = sysconf(Int32(_SC_PAGESIZE))
}
