/// The bytes of a file on the medium while changes land on it one by one.
///
/// Bytes may lie behind the end of the file: a sector can survive although the size that would show it did not.
struct LandedFile {
    private var bytes: [UInt8]
    private var byteCount: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        byteCount = bytes.count
    }

    /// The file, with zeros where it grew and no bytes landed.
    consuming func finished(byteCount: Int? = nil) -> [UInt8] {
        bytes.resize(to: byteCount ?? self.byteCount)
        return bytes
    }

    /// Lands a change of size.
    mutating func land(_ size: FileChange.SizeChange) {
        switch size {
        case .none: break
        case .growth(let target): byteCount = max(byteCount, target)
        case .cut(let target):
            byteCount = min(byteCount, target)
            bytes.resize(to: min(target, bytes.count))
        }
    }

    /// Lands some sectors of a change.
    mutating func land(_ change: FileChange, sectors: Range<Int>) {
        guard !sectors.isEmpty else { return }
        let start = sectors.lowerBound * FileChange.sectorByteCount
        let end = min(change.bytes.count, sectors.upperBound * FileChange.sectorByteCount)
        land(change, bytes: start..<end)
    }

    /// Lands a part of a sector of a change: the bytes of a range, or those outside it. The others stay what they were.
    mutating func tear(_ change: FileChange, sector: Int, at tear: Range<Int>, isInside: Bool) {
        let start = sector * FileChange.sectorByteCount
        let end = min(change.bytes.count, start + FileChange.sectorByteCount)
        precondition(tear.upperBound <= end - start, "a tear lies in its sector")
        if isInside {
            land(change, bytes: start + tear.lowerBound..<start + tear.upperBound)
        } else {
            land(change, bytes: start..<start + tear.lowerBound)
            land(change, bytes: start + tear.upperBound..<end)
        }
    }

    private mutating func land(_ change: FileChange, bytes range: Range<Int>) {
        guard !range.isEmpty else { return }
        let target = change.offset + range.lowerBound
        bytes.resize(to: max(bytes.count, target + range.count))
        bytes.withUnsafeMutableBytes { image in
            change.bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: image[target...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[range]))
            }
        }
    }
}
