import FluxFiles
import FluxFormat
import FluxLog

/// Brings back what a backup has: reads a folder with a manifest, and changes nothing in it.
struct BackupRestore<Files: FileSystem>: Sendable {
    let manifest: BackupManifest
    private let source: String
    private let files: Files

    /// Reads the manifest; throws `notABackup` where there is none.
    init(of source: String, files: Files) throws(StoreError) {
        guard let manifest = try BackupManifest(reading: source, files: files) else {
            throw StoreError(
                .notABackup, "\(source): has no \(BackupManifest.fileName): no backup was finished in this folder")
        }
        self.manifest = manifest
        self.source = source
        self.files = files
    }

    /// Holds every file against the manifest.
    func verify() throws(StoreError) -> BackupVerification {
        var verification = BackupVerification()
        for entry in manifest.entries {
            let difference = try difference(of: entry) { (_, _) throws(IOError) in }
            verification.segments += 1
            verification.byteCount += UInt64(entry.byteCount)
            if let difference { verification.findings.append(difference) }
        }
        return verification
    }

    /// Copies the log into a folder, each file whole and durable behind this. Throws `damaged` at the first file that is not
    /// as the manifest says. A folder in which this was interrupted is gone on with.
    func copy(to target: String) throws(StoreError) {
        let segments = "\(target)/\(SegmentName.directory)"
        try storeCall { () throws(IOError) in
            for directory in [target, segments] { try files.makeDirectory(directory) }
            for name in try files.list(segments) { try files.remove("\(segments)/\(name)") }
        }
        for entry in manifest.entries {
            let file = try storeCall { () throws(IOError) in try files.open("\(target)/\(entry.path)", .create) }
            let difference = try difference(of: entry) { (bytes, offset) throws(IOError) in
                try file.write(bytes, at: offset)
            }
            if let difference { throw StoreError(.damaged, difference) }
            try storeCall { () throws(IOError) in try file.sync() }
        }
        try storeCall { () throws(IOError) in
            try files.syncDirectory(segments)
            try BackupFiles(files: files).write(manifest.headBytes, to: "\(target)/\(LogHead.fileName)")
            try files.syncDirectory(target)
        }
    }

    /// What differs between a file and the manifest; `nil` where nothing does.
    private func difference(
        of entry: BackupManifest.Entry, _ body: (_ bytes: [UInt8], _ offset: Int) throws(IOError) -> Void
    ) throws(StoreError) -> String? {
        let path = "\(source)/\(entry.path)"
        do throws(IOError) {
            let file = try files.open(path, .read)
            let byteCount = try file.byteCount()
            guard byteCount >= entry.byteCount else {
                return "\(path): has \(byteCount) bytes, and the manifest \(entry.byteCount)"
            }
            let hash = try BackupFiles<Files>.hash(file, byteCount: entry.byteCount, body)
            return hash == entry.hash ? nil : "\(path): differs from what was backed up: its hash is \(hash)"
        } catch {
            if error.isMissing { return "\(path): is missing" }
            throw StoreError(error)
        }
    }
}
