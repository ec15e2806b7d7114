/// All that lies on a disk: a value, so that a copy costs nothing until one of the two changes.
struct DiskState {
    static let blockByteCount = 4096

    var files: [FileImage] = []
    var names = NameTree()
    /// Room for files; `nil` where it has no bound.
    var capacityByteCount: Int?
    private var serial = 0

    /// The next place in the order of all changes.
    mutating func nextSerial() -> Int {
        serial += 1
        return serial
    }

    static func roundedToBlocks(_ byteCount: Int) -> Int {
        (byteCount + blockByteCount - 1) / blockByteCount * blockByteCount
    }

    /// What all files with a name take, in whole blocks.
    var usedByteCount: Int {
        files.reduce(0) { $0 + ($1.isLinked ? Self.roundedToBlocks($1.cached.count) : 0) }
    }

    /// The size up to which a file can grow.
    func sizeMax(of file: Int) -> Int {
        guard let capacityByteCount else { return .max }
        let own = Self.roundedToBlocks(files[file].cached.count)
        let others = usedByteCount - (files[file].isLinked ? own : 0)
        return max(own, max(0, capacityByteCount - others) / Self.blockByteCount * Self.blockByteCount)
    }

    mutating func addFile() -> Int {
        files.append(FileImage())
        return files.count - 1
    }
}
