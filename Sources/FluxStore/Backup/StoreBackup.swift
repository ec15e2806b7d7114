import FluxFiles
import FluxFormat
import FluxLog

/// Copies what is durable of a log into a folder that holds the backups of one store.
///
/// Each file is whole under its name, or has another name. The manifest is written last: with the one before it, the folder
/// is still the backup before, since a log only grows at its end. A crash leaves a folder that the next run goes on with.
struct StoreBackup<Files: FileSystem>: ~Copyable {
    private let table: SegmentTable<Files>
    private let storeID: StoreID
    private let target: String
    private let files: Files
    private let parts: BackupFiles<Files>
    private var previous: [SegmentName: BackupManifest.Entry] = [:]
    private var report = BackupReport()

    init(of table: SegmentTable<Files>, storeID: StoreID, to target: String, files: Files) {
        self.table = table
        self.storeID = storeID
        self.target = target
        self.files = files
        parts = BackupFiles(files: files)
    }

    private var segmentDirectory: String { "\(target)/\(SegmentName.directory)" }

    /// Brings the folder to what `look` says is durable; it is called again where a segment has gone meanwhile.
    mutating func run(_ look: () -> LogExtent) throws(StoreError) -> BackupReport {
        try prepare()
        let extent = look()
        var manifest = BackupManifest(
            storeID: storeID, end: extent.end, nextFrameSequence: extent.nextFrameSequence, lastFrameHash: 0,
            writerEpoch: 0, entries: [])
        for number in extent.segments {
            do throws(LogError) {
                manifest.entries.append(try take(number, of: extent, for: &manifest))
            } catch {
                // Retention drops segments from the oldest on: those that were taken before are gone as well.
                guard error.isGone, look().segments.first.map({ $0 > number }) ?? true
                else { throw StoreError(error) }
                manifest.entries = []
            }
        }
        try storeCall { () throws(IOError) in try finish(manifest) }
        report.segments = manifest.entries.count
        report.byteCount = manifest.entries.reduce(0) { $0 + UInt64($1.byteCount) }
        return report
    }

    /// Finds what the folder has of this store, or makes it one for its backups.
    private mutating func prepare() throws(StoreError) {
        try storeCall { () throws(IOError) in
            try files.makeDirectory(target)
            try files.syncDirectory(Paths.parent(of: target))
        }
        let names = try storeCall { () throws(IOError) in try files.list(target) }
        let hasMarker = names.contains(BackupMarker.fileName)
        let words = BackupMarker.text(of: storeID)
        if let manifest = try BackupManifest(reading: target, files: files) {
            guard manifest.storeID == storeID else { throw otherStore }
            for entry in manifest.entries { previous[entry.name] = entry }
        } else if hasMarker {
            let found = try storeCall { () throws(IOError) in
                try files.open("\(target)/\(BackupMarker.fileName)", .read).read(byteCount: 128, at: 0)
            }
            guard found == Array(words.utf8) else { throw otherStore }
        } else if let name = names.first(where: { $0 != BackupMarker.fileName + BackupFiles<Files>.partSuffix }) {
            throw StoreError(
                .notABackup, "\(target): is a folder of something else (it has \(name)); give an empty one")
        }
        try storeCall { () throws(IOError) in
            if !hasMarker {
                try parts.write(Array(words.utf8), to: "\(target)/\(BackupMarker.fileName)")
                // Before anything else, so that whatever a crash leaves is known as ours.
                try files.syncDirectory(target)
            }
            try files.makeDirectory(segmentDirectory)
            try files.syncDirectory(target)
        }
    }

    private var otherStore: StoreError {
        StoreError(.notABackup, "\(target): has backups of another store; give a folder of its own for each store")
    }
}

extension StoreBackup {
    /// Brings a segment into the folder, unless it is there; `manifest` is told where the log ends in the last one.
    private mutating func take(
        _ number: UInt32, of extent: LogExtent, for manifest: inout BackupManifest
    ) throws(LogError) -> BackupManifest.Entry {
        let segment = try table.sealed(number)
        let isLast = number == extent.end.segment
        let isWhole = segment.isSealed && (!isLast || extent.end.offset >= segment.endOffset)
        let byteCount = isWhole ? segment.endOffset : extent.end.offset
        manifest.writerEpoch = segment.header.writerEpoch
        if let trailer = segment.trailer, isWhole { manifest.lastFrameHash = trailer.lastFrameHash }
        if isWhole, let entry = try kept(segment, byteCount: byteCount) {
            report.keptSegments += 1
            return entry
        }
        let hash = try place(segment, byteCount: byteCount, isWhole: isWhole)
        try check(segment, byteCount: byteCount, isWhole: isWhole, &manifest)
        return BackupManifest.Entry(name: segment.name, byteCount: byteCount, hash: hash)
    }

    /// What the last backup has of a sealed segment, if that is the same: both ends are, and the chain covers the rest.
    private func kept(
        _ segment: SegmentFile<Files.File>, byteCount: Int
    ) throws(LogError) -> BackupManifest.Entry? {
        guard let entry = previous[segment.name], entry.byteCount == byteCount else { return nil }
        let trailerAt = byteCount - SegmentTrailer.byteCount
        do throws(IOError) {
            guard try files.kind(of: "\(target)/\(entry.path)") == .file else { return nil }
            let file = try files.open("\(target)/\(entry.path)", .read)
            for (offset, count) in [(0, SegmentHeader.byteCount), (trailerAt, SegmentTrailer.byteCount)] {
                guard try file.read(byteCount: count, at: offset) == segment.file.read(byteCount: count, at: offset)
                else { return nil }
            }
        } catch {
            throw .io(error)
        }
        return entry
    }

    /// Links or copies a segment under its name, and returns the hash of its bytes.
    private mutating func place(
        _ segment: SegmentFile<Files.File>, byteCount: Int, isWhole: Bool
    ) throws(LogError) -> String {
        let path = "\(segmentDirectory)/\(segment.name.fileName)"
        do throws(IOError) {
            // What was reserved behind a trailer is cut off later, in every name of the file.
            if isWhole, try segment.file.byteCount() == byteCount, try parts.link(segment.file.path, to: path) {
                report.linkedSegments += 1
                return try BackupFiles<Files>.hash(segment.file, byteCount: byteCount) { (_, _) throws(IOError) in }
            }
            report.copiedSegments += 1
            report.copiedByteCount += UInt64(byteCount)
            return try parts.copy(segment.file, byteCount: byteCount, to: path)
        } catch {
            throw .io(error)
        }
    }

    /// Verifies every frame of a segment that was brought in. Damage in it is reported, and is in the backup as it was.
    private mutating func check(
        _ segment: SegmentFile<Files.File>, byteCount: Int, isWhole: Bool, _ manifest: inout BackupManifest
    ) throws(LogError) {
        var scan = SegmentScan<Files.File>()
        scan.begin(segment.file, segment: segment.header, end: isWhole ? segment.framesEnd : byteCount)
        do throws(LogError) {
            while try scan.next() != nil {}
            if !isWhole { manifest.lastFrameHash = scan.previousFrameHash }
        } catch {
            // Where the last segment ends, a backup must know.
            guard case .damaged = error, isWhole else { throw error }
            report.damage.append(error.description)
        }
    }

    /// Makes everything durable that was brought in, and says so; then removes what no manifest names any more.
    private func finish(_ manifest: BackupManifest) throws(IOError) {
        try files.syncDirectory(segmentDirectory)
        try parts.write(manifest.headBytes, to: "\(target)/\(LogHead.fileName)")
        try parts.write(Array(manifest.text.utf8), to: "\(target)/\(BackupManifest.fileName)")
        try files.syncDirectory(target)
        let names = Set(manifest.entries.map(\.name.fileName))
        for name in try files.list(segmentDirectory) where !names.contains(name) {
            let suffix = BackupFiles<Files>.partSuffix
            guard SegmentName(name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name) != nil else {
                continue
            }
            try files.remove("\(segmentDirectory)/\(name)")
        }
        try files.syncDirectory(segmentDirectory)
    }
}

/// The file that says of which store a folder has backups: the first that is written there.
enum BackupMarker {
    static let fileName = "BACKUP"

    static func text(of storeID: StoreID) -> String { "backup of store \(storeID)\n" }
}

/// A call of the disk, for who calls the store.
func storeCall<Value>(_ body: () throws(IOError) -> Value) throws(StoreError) -> Value {
    do throws(IOError) {
        return try body()
    } catch {
        throw StoreError(error)
    }
}
