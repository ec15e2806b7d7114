/// What one call changed in a file's page cache, kept until a sync makes it durable.
struct FileChange {
    /// The unit that a disk writes whole, or tears.
    static let sectorByteCount = 512

    enum SizeChange {
        case none
        case growth(to: Int)
        case cut(to: Int)
    }

    /// Place in the order of all changes of the disk.
    let serial: Int
    /// Where the first sector that was touched begins.
    let offset: Int
    /// What the touched sectors held after the call, up to the end of the file.
    let bytes: [UInt8]
    let size: SizeChange

    var sectorCount: Int { (bytes.count + Self.sectorByteCount - 1) / Self.sectorByteCount }

    var isCut: Bool {
        if case .cut = size { true } else { false }
    }

    /// Where a sector of the change begins in the file.
    func offset(ofSector index: Int) -> Int { offset + index * Self.sectorByteCount }
}
