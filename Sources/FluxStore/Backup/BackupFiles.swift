import FluxFiles
import FluxFormat
import FluxLog

/// Small files and large ones that are written whole or not at all: under a name of their own first, and renamed.
struct BackupFiles<Files: FileSystem>: Sendable {
    /// Ends the name of a file that may be cut.
    static var partSuffix: String { ".part" }
    private static var windowByteCount: Int { 1 << 20 }

    let files: Files

    /// Writes a file in place of the one that may be there. Its name is durable once its directory is synced.
    func write(_ bytes: [UInt8], to path: String) throws(IOError) {
        let file = try begin(path)
        try file.write(bytes, at: 0)
        try file.sync()
        try files.rename(path + Self.partSuffix, to: path)
    }

    /// Copies the first bytes of a file in place of the one that may be there, and returns their hash.
    func copy(_ source: some StoredFile, byteCount: Int, to path: String) throws(IOError) -> String {
        let file = try begin(path)
        let hash = try Self.hash(source, byteCount: byteCount) { (bytes, offset) throws(IOError) in
            try file.write(bytes, at: offset)
        }
        try file.sync()
        try files.rename(path + Self.partSuffix, to: path)
        return hash
    }

    /// Gives a file a second name, in place of the file that may have it; `false` where it cannot have one there.
    func link(_ source: String, to path: String) throws(IOError) -> Bool {
        let part = path + Self.partSuffix
        do throws(IOError) {
            try files.remove(part)
            try files.link(source, to: part)
        } catch {
            // Its name may have changed since it was opened.
            guard error.isLinkRefused || error.isMissing else { throw error }
            return false
        }
        try files.rename(part, to: path)
        // Where both are names of one file already, renaming does nothing.
        try files.remove(part)
        return true
    }

    /// The hash of the first bytes of a file, and the bytes in order for `body`. Throws where the file ends before.
    static func hash(
        _ file: some StoredFile, byteCount: Int, _ body: (_ bytes: [UInt8], _ offset: Int) throws(IOError) -> Void
    ) throws(IOError) -> String {
        var stream = XXH3Stream()
        var offset = 0
        while offset < byteCount {
            let bytes = try file.read(byteCount: min(windowByteCount, byteCount - offset), at: offset)
            // What is missing makes another hash than that of all bytes.
            guard !bytes.isEmpty else { break }
            stream.add(bytes.rawSpan)
            try body(bytes, offset)
            offset += bytes.count
        }
        return stream.digits
    }

    private func begin(_ path: String) throws(IOError) -> Files.File {
        // Never a second name of another file, which would be written over.
        try files.remove(path + Self.partSuffix)
        return try files.open(path + Self.partSuffix, .create)
    }
}
