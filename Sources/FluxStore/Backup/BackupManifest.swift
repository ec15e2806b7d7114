import FluxFiles
import FluxFormat
import FluxLog

/// What a backup holds: its files with their sizes and hashes, and the end of the log in them.
///
/// As text it has a line `HASH  PATH` for each file, which `xxhsum --check` reads, and lines that begin with `#` for all else.
/// The last line is a hash of those before it.
struct BackupManifest: Sendable, Equatable {
    static let fileName = "MANIFEST"
    private static let title = "# fluxrun backup 1"

    /// One file of a backup.
    struct Entry: Sendable, Equatable {
        let name: SegmentName
        /// Bytes that belong to the backup, from the file's start: a later backup may have added to it.
        let byteCount: Int
        /// XXH3 of those bytes, 128 bits as 32 hexadecimal digits.
        let hash: String

        /// The file's path in the folder.
        var path: String { "\(SegmentName.directory)/\(name.fileName)" }
    }

    var storeID: StoreID
    var end: Position
    var nextFrameSequence: UInt64
    var lastFrameHash: UInt64
    var writerEpoch: UInt32
    /// The segments in order.
    var entries: [Entry]
}

extension BackupManifest {
    /// The lines of the file.
    var text: String {
        var lines = [
            Self.title, "# store \(storeID)",
            "# end \(end.segment) \(end.offset) \(nextFrameSequence) \(lastFrameHash) \(writerEpoch)",
        ]
        lines += entries.map { "# bytes \($0.byteCount) \($0.path)" }
        lines += entries.map { "\($0.hash)  \($0.path)" }
        let text = lines.joined(separator: "\n") + "\n"
        return text + "# manifest \(Self.hash(of: text))\n"
    }

    /// Reads the lines of the file; `nil` where they are not those of a manifest, or not all of them.
    init?(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popLast() == "", let last = lines.popLast(),
            last == "# manifest \(Self.hash(of: lines.joined(separator: "\n") + "\n"))"
        else { return nil }
        guard lines.popFirst() == Self.title[...], let store = Self.words(lines.popFirst(), behind: "store", count: 1),
            let id = ExecutionID(String(store[0])), let end = Self.words(lines.popFirst(), behind: "end", count: 5),
            let segment = UInt32(end[0]), let offset = UInt32(end[1]), let sequence = UInt64(end[2]),
            let hash = UInt64(end[3]), let epoch = UInt32(end[4]), lines.count.isMultiple(of: 2)
        else { return nil }
        storeID = StoreID(high: id.high, low: id.low)
        self.end = Position(segment: segment, offset: Int(offset))
        nextFrameSequence = sequence
        lastFrameHash = hash
        writerEpoch = epoch
        entries = []
        let count = lines.count / 2
        for (sizes, hashes) in zip(lines.prefix(count), lines.dropFirst(count)) {
            guard let size = Self.words(sizes, behind: "bytes", count: 2), let byteCount = Int(size[0]), byteCount >= 0,
                let slash = size[1].lastIndex(of: "/"), let name = SegmentName(String(size[1][slash...].dropFirst()))
            else { return nil }
            let entry = Entry(name: name, byteCount: byteCount, hash: String(hashes.prefix(32)))
            guard hashes == "\(entry.hash)  \(entry.path)" else { return nil }
            entries.append(entry)
        }
    }

    private static func words(_ line: Substring?, behind word: String, count: Int) -> [Substring]? {
        guard let words = line?.split(separator: " "), words.count == count + 2, words[0] == "#", words[1] == word
        else { return nil }
        return Array(words.dropFirst(2))
    }

    private static func hash(of text: String) -> String {
        let bytes = Array(text.utf8)
        var hash = XXH3Stream()
        hash.add(bytes.rawSpan)
        return hash.digits
    }
}

extension BackupManifest {
    /// Reads the manifest of a folder; `nil` where there is none. Throws `damaged` where it does not verify.
    init?(reading folder: String, files: some FileSystem) throws(StoreError) {
        let path = "\(folder)/\(Self.fileName)"
        let bytes: [UInt8]
        do throws(IOError) {
            let file = try files.open(path, .read)
            bytes = try file.read(byteCount: file.byteCount(), at: 0)
        } catch {
            if error.isMissing { return nil }
            throw StoreError(error)
        }
        guard let text = String(validating: bytes, as: UTF8.self), let manifest = BackupManifest(text) else {
            throw StoreError(
                .damaged, "\(path): is no manifest of a backup, or is damaged; delete it and make the backup again")
        }
        self = manifest
    }

    /// The file HEAD of a copy, closed in order at the backup's end.
    var headBytes: [UInt8] {
        let slot = HeadSlot(
            storeID: storeID, generation: 1, state: .clean, durableEnd: end, nextFrameSequence: nextFrameSequence,
            lastFrameHash: lastFrameHash, oldestSegment: entries.first?.name.segment ?? 1, writerEpoch: writerEpoch)
        var bytes = slot.encoded(inSlot: 0)
        // The other slots say nothing.
        bytes += repeatElement(0, count: HeadSlot.count * HeadSlot.strideByteCount - bytes.count)
        return bytes
    }
}
