package import FluxFiles
import FluxFormat

/// A part of a file in memory, in one buffer that is filled again and again, or where the file is mapped: what frames are read
/// from.
package struct FileWindow: ~Copyable {
    /// Bytes that are asked for ahead of a reader that has met a cold file.
    private static var aheadByteCount: Int { 1 << 20 }

    private var buffer = ByteBuffer()
    /// What holds the bytes in place of the buffer.
    private var mapping: MappedFile?
    /// The bytes of the file that the buffer holds.
    private var range = 0..<0
    /// How far the system was asked to read ahead; 0 while everything was in its memory.
    private var askedEnd = 0
    /// Bytes that a read would wait for, where ``fill(_:at:to:aheadTo:of:mayWait:)`` did not.
    package private(set) var awaited = 0..<0

    package init() {}

    /// Forgets what is held; keeps the memory.
    package mutating func reset() {
        range = 0..<0
        askedEnd = 0
    }

    /// Forgets what is held, and overwrites it in debug builds, so that a view kept too long shows.
    package mutating func scribble() {
        #if DEBUG
            range = 0..<0
            buffer.scribble()
        #endif
    }

    /// Whether these bytes of the file are in memory.
    @inline(__always)
    borrowing func holds(_ bytes: Range<Int>) -> Bool {
        bytes.lowerBound >= range.lowerBound && bytes.upperBound <= range.upperBound
    }

    /// Brings `byteCount` bytes at `offset` into memory in place of what lies before them, and on the way others up to
    /// `end`; `false` where the disk would have to be waited for, and `mayWait` is not. Throws `damaged` where the file ends
    /// before.
    ///
    /// What the system has in its memory is taken from there first. Where that is not all, it is asked to read on ahead,
    /// up to `aheadEnd`, from then on.
    package mutating func fill(
        _ byteCount: Int, at offset: Int, to end: Int, aheadTo aheadEnd: Int, of file: some StoredFile, mayWait: Bool
    ) throws(LogError) -> Bool {
        let neededEnd = offset + byteCount
        if holds(offset..<neededEnd) { return true }
        if let mapping = file.mapping, neededEnd <= mapping.byteCount {
            return try show(offset..<neededEnd, to: end, aheadTo: aheadEnd, of: mapping, file, mayWait: mayWait)
        }
        if mapping.take() != nil { range = 0..<0 }
        let kept = range.contains(offset) ? offset..<range.upperBound : offset..<offset
        if range.contains(offset) { buffer.moveToFront(offset - range.lowerBound..<range.count) }
        // Said before the read, which may fail: what is kept lies in front already.
        range = kept
        let wanted = max(neededEnd, end) - offset
        buffer.reserve(wanted, keeping: kept.count)
        do throws(IOError) {
            try read(file, to: wanted, mayWait: false)
            let isShort = range.upperBound < neededEnd
            readAhead(behind: range.upperBound, to: aheadEnd, of: file, isShort: isShort)
            if isShort {
                guard mayWait else {
                    awaited = range.upperBound..<offset + wanted
                    return false
                }
                try read(file, to: wanted, mayWait: true)
            }
        } catch {
            throw .io(error)
        }
        guard range.upperBound >= neededEnd else {
            throw .damaged(path: file.path, offset: offset, .truncated(needed: byteCount, available: range.count))
        }
        return true
    }

    /// The same for a file that is mapped: nothing is copied.
    private mutating func show(
        _ needed: Range<Int>, to end: Int, aheadTo aheadEnd: Int, of mapping: MappedFile, _ file: some StoredFile,
        mayWait: Bool
    ) throws(LogError) -> Bool {
        var wanted = needed.lowerBound..<min(max(needed.upperBound, end), mapping.byteCount)
        range = 0..<0
        let isCold = !mapping.isLoaded(wanted)
        readAhead(behind: wanted.upperBound, to: aheadEnd, of: file, isShort: isCold)
        guard !isCold || mayWait else {
            awaited = wanted
            return false
        }
        if (try? mapping.load(wanted)) == nil {
            // What fails may lie behind what is needed.
            wanted = needed
            do throws(IOError) {
                try mapping.load(needed)
            } catch {
                guard let byteCount = try? file.byteCount(), byteCount < needed.upperBound else { throw .io(error) }
                throw .damaged(
                    path: file.path, offset: needed.lowerBound,
                    .truncated(needed: needed.count, available: max(byteCount - needed.lowerBound, 0)))
            }
        }
        self.mapping = mapping
        range = wanted
        return true
    }

    /// Bytes of the file that the window holds, borrowed until it is filled again.
    @_lifetime(borrow self)
    package borrowing func span(_ bytes: Range<Int>) -> RawSpan {
        unsafe _overrideLifetime(unownedSpan(bytes), borrowing: self)
    }

    /// The same, which the caller lets nobody use once the window is filled again.
    @unsafe
    @_lifetime(immortal)
    package borrowing func unownedSpan(_ bytes: Range<Int>) -> RawSpan {
        precondition(
            bytes.lowerBound >= range.lowerBound && bytes.upperBound <= range.upperBound, "bytes outside of a window")
        if let mapping { return unsafe mapping.unownedSpan(bytes) }
        return unsafe buffer.unownedSpan(bytes.lowerBound - range.lowerBound..<bytes.upperBound - range.lowerBound)
    }

    /// Reads on behind what is held, until so many bytes are.
    private mutating func read(_ file: some StoredFile, to wanted: Int, mayWait: Bool) throws(IOError) {
        let offset = range.upperBound
        let count = try unsafe buffer.withMutableBytes(range.count..<wanted) { (target) throws(IOError) in
            mayWait
                ? try unsafe file.read(into: target, at: offset) : try unsafe file.readCached(into: target, at: offset)
        }
        range = range.lowerBound..<offset + count
    }

    /// Asks for what lies behind `start` where a read was short, or the end of what was asked for is near.
    private mutating func readAhead(behind start: Int, to end: Int, of file: some StoredFile, isShort: Bool) {
        guard isShort || (askedEnd > 0 && start + Self.aheadByteCount / 2 > askedEnd) else { return }
        let first = max(start, askedEnd)
        askedEnd = max(askedEnd, min(end, start + Self.aheadByteCount))
        if first < askedEnd { file.readAhead(first..<askedEnd) }
    }
}
