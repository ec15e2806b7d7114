/// Bytes that one owner fills again and again; grows, and is freed with its owner.
@safe
package struct ByteBuffer: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer

    package init() {
        unsafe storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    deinit {
        unsafe storage.deallocate()
    }

    package var capacity: Int { unsafe storage.count }

    /// Makes room for so many bytes, aligned for any load, and keeps the first `keeping` ones.
    package mutating func reserve(_ byteCount: Int, keeping: Int = 0) {
        guard unsafe byteCount > storage.count else { return }
        // A power of two: frames that differ a little in size do not make it grow again.
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 1 << (Int.bitWidth - (byteCount - 1).leadingZeroBitCount), alignment: 64)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[0..<keeping]))
        unsafe storage.deallocate()
        unsafe storage = larger
    }

    /// The bytes of a range, for writing.
    package mutating func withMutableBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeMutableRawBufferPointer(rebasing: storage[range]))
    }

    /// The bytes of a range, borrowed until the buffer is changed.
    @_lifetime(borrow self)
    package borrowing func span(_ range: Range<Int>) -> RawSpan {
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[range]))
        return unsafe _overrideLifetime(bytes, borrowing: self)
    }

    /// The bytes of a range, which the caller lets nobody use once the buffer changes or goes.
    @unsafe
    @_lifetime(immortal)
    package borrowing func unownedSpan(_ range: Range<Int>) -> RawSpan {
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[range]))
        return unsafe _overrideLifetime(bytes, copying: ())
    }

    /// Moves the bytes of a range to the front.
    package mutating func moveToFront(_ range: Range<Int>) {
        guard range.lowerBound > 0, !range.isEmpty, let base = unsafe storage.baseAddress else { return }
        unsafe base.copyMemory(from: base + range.lowerBound, byteCount: range.count)
    }

    /// Overwrites everything in debug builds, so that a view kept too long shows.
    package mutating func scribble() {
        #if DEBUG
            unsafe storage.initializeMemory(as: UInt8.self, repeating: Self.scribble)
        #endif
    }

    /// What ``scribble()`` writes.
    package static let scribble: UInt8 = 0xDB
}
