/// What a test puts on the medium and finds there. None of it counts as a call.
extension SimulatedDisk {
    /// The paths of all files, sorted.
    package var paths: [String] { state.names.files().map(\.path) }

    /// What a reader finds in a file; `nil` where there is none.
    package func bytes(of path: String) -> [UInt8]? { number(of: path).map { state.files[$0].cached } }

    /// What the medium has of a file; `nil` where no path leads to it.
    package func durableBytes(of path: String) -> [UInt8]? { number(of: path).map { state.files[$0].durable } }

    /// All files by their paths, as a reader finds them.
    package var contents: [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: state.names.files().map { ($0.path, state.files[$0.file].cached) })
    }

    /// Puts a file there with these bytes, all durable, its name and all other names too. Its directory must exist.
    package func put(_ bytes: [UInt8], at path: String) {
        if let file = number(of: path) {
            state.files[file].restart(from: bytes)
            return
        }
        guard let place = state.names.place(path) else { preconditionFailure("\(path) has no directory") }
        let file = state.addFile()
        state.files[file].restart(from: bytes)
        let edit = NameTree.Edit(directory: place.directory, name: place.name, entry: .file(file))
        state.names.change(.file(file), [edit], serial: state.nextSerial())
        state.names.syncAll()
    }

    /// Turns one bit over.
    package func flipBit(_ bit: Int = 0, at offset: Int, of path: String) {
        damage(path) { $0[offset] ^= 1 << UInt8(bit) }
    }

    /// Makes a sector zeros: the one that an offset lies in.
    package func zeroSector(at offset: Int, of path: String) {
        damage(path) { bytes in
            for index in Self.sector(at: offset, of: bytes.count) { bytes[index] = 0 }
        }
    }

    /// Takes a write back that the disk said it had done: a sector holds again what it held on an earlier disk.
    package func loseWrite(at offset: Int, of path: String, since earlier: SimulatedDisk) {
        let old = earlier.durableBytes(of: path) ?? []
        damage(path) { bytes in
            for index in Self.sector(at: offset, of: bytes.count) { bytes[index] = index < old.count ? old[index] : 0 }
        }
    }

    /// Lets a write have gone to another offset of its file: its bytes lie there, and where it should have gone there
    /// is what there was on an earlier disk. The size stays.
    package func misdirectWrite(_ range: Range<Int>, of path: String, to offset: Int, since earlier: SimulatedDisk) {
        let old = earlier.durableBytes(of: path) ?? []
        damage(path) { bytes in
            let written = Array(bytes[range])
            for index in range { bytes[index] = index < old.count ? old[index] : 0 }
            for (index, byte) in zip(offset..<bytes.count, written) { bytes[index] = byte }
        }
    }

    /// Lets every read that touches a range fail with `EIO`, on this disk and what becomes of it.
    package func failReads(in range: Range<Int>, of path: String) {
        state.files[existing(path)].unreadable.append(range)
    }

    /// Makes everything readable again.
    package func healReads(of path: String) { state.files[existing(path)].unreadable = [] }

    private func damage(_ path: String, _ body: (inout [UInt8]) -> Void) {
        state.files[existing(path)].damage(body)
    }

    private func number(of path: String) -> Int? {
        if case .file(let file)? = state.names.entry(path) { file } else { nil }
    }

    private func existing(_ path: String) -> Int {
        guard let file = number(of: path) else { preconditionFailure("\(path) is a file") }
        return file
    }

    private static func sector(at offset: Int, of byteCount: Int) -> Range<Int> {
        let start = offset / FileChange.sectorByteCount * FileChange.sectorByteCount
        return start..<min(byteCount, start + FileChange.sectorByteCount)
    }
}
