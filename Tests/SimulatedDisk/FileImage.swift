/// A file as the page cache has it, and as the medium has it.
struct FileImage {
    private(set) var cached: [UInt8] = []
    private(set) var durable: [UInt8] = []
    /// What no sync has made durable, in the order in which it was done.
    private(set) var changes: [FileChange] = []
    /// Whether clean pages may differ from the medium.
    private(set) var hasLostPages = false
    /// Names that directories have for the file; one without a name takes no room.
    var linkCount = 1
    var isLinked: Bool { linkCount > 0 }
    /// An error that the next sync reports.
    var lateSyncError: Int32?
    /// Places that cannot be read.
    var unreadable: [Range<Int>] = []

    /// A file that is whole on the medium.
    init(durable: [UInt8] = []) {
        cached = durable
        self.durable = durable
    }

    // MARK: The page cache

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, serial: Int) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        let isGrowth = end > cached.count
        if isGrowth { cached.resize(to: end) }
        cached.withUnsafeMutableBytes { image in
            UnsafeMutableRawBufferPointer(rebasing: image[offset..<end]).copyMemory(from: bytes)
        }
        let start = offset / FileChange.sectorByteCount * FileChange.sectorByteCount
        let last = (end + FileChange.sectorByteCount - 1) / FileChange.sectorByteCount * FileChange.sectorByteCount
        changes.append(
            FileChange(
                serial: serial, offset: start, bytes: Array(cached[start..<min(last, cached.count)]),
                size: isGrowth ? .growth(to: end) : .none))
    }

    mutating func resize(to byteCount: Int, serial: Int) {
        guard byteCount != cached.count else { return }
        let isGrowth = byteCount > cached.count
        cached.resize(to: byteCount)
        changes.append(
            FileChange(
                serial: serial, offset: 0, bytes: [], size: isGrowth ? .growth(to: byteCount) : .cut(to: byteCount)))
    }

    /// Reads the clean pages from the medium; changes that are not synced, and the size, stay.
    mutating func dropCleanPages() {
        guard hasLostPages else { return }
        hasLostPages = false
        var landed = LandedFile(durable)
        for change in changes { landed.land(whole: change) }
        cached = landed.finished(byteCount: cached.count)
    }

    // MARK: Sync

    /// Makes everything durable that is dirty. Pages that a failed sync left clean are not written.
    mutating func sync() {
        if changes.isEmpty && durable.count == cached.count { return }
        var image: [UInt8] = []
        swap(&image, &durable)
        var landed = LandedFile(image)
        image = []
        for change in changes { landed.land(whole: change) }
        durable = landed.finished(byteCount: cached.count)
        changes.removeAll(keepingCapacity: true)
    }

    /// Marks all pages clean without writing them. The size is metadata: the next sync makes it durable all the same.
    mutating func loseChanges() {
        hasLostPages = hasLostPages || !changes.isEmpty
        changes = []
    }

    /// Goes back to what is durable, in the page cache as well.
    mutating func revert() {
        changes = []
        hasLostPages = false
        cached = durable
    }

    // MARK: The medium

    /// Changes bytes on the medium; where the pages are clean, they are read from there again.
    mutating func damage(_ body: (inout [UInt8]) -> Void) {
        body(&durable)
        hasLostPages = true
        dropCleanPages()
    }

    /// The file after a loss of power: only these bytes are left of it.
    mutating func restart(from bytes: [UInt8]) {
        changes = []
        hasLostPages = false
        lateSyncError = nil
        cached = bytes
        durable = bytes
    }
}

extension LandedFile {
    /// Lands a change as it was made.
    mutating func land(whole change: FileChange) {
        land(change.size)
        land(change, sectors: 0..<change.sectorCount)
    }
}
