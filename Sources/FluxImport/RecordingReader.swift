import FluxFormat

/// Reads recordings that other tools made: the door of this module.
///
/// It works on bytes and never touches a file. The format is told from the content, the path only names the file and
/// its executions and decides what an empty file is.
package struct RecordingReader: Sendable {
    /// The app of the executions; their kind where it is `nil`.
    package let app: String?
    /// The family of formats to read, one of ``families``; all where it is `nil`.
    package let family: String?

    /// Makes a reader.
    package init(app: String? = nil, family: String? = nil) {
        self.app = app
        self.family = family
    }

    /// The families of formats, as `--format` names them.
    package static let families = importFormats.reduce(into: [String]()) { names, format in
        if !names.contains(format.family) { names.append(format.family) }
    }

    /// Every kind that can be read, in the order of reports.
    package static let kinds = importFormats.flatMap(\.kinds)

    /// Whether a file met while walking a folder may be a recording.
    package static func isCandidate(path: String) -> Bool {
        ["yaml", "yml", "json", "har", "harp"].contains(fileExtension(of: path))
    }

    /// Reads the recordings of one file.
    ///
    /// Throws when the file as a whole cannot be read; a recording of it that cannot be read is among the failures of
    /// the result. See ``ImportError/isUnknownFormat`` for files that are met while walking a folder.
    package func recordings(in bytes: [UInt8], path: String) throws(ImportError) -> ImportedFile {
        let formats = importFormats.filter { family == nil || $0.family == family }
        let document: Document
        do throws(ImportError) {
            guard let read = try Document(reading: bytes, file: path) else {
                return try emptyFile(path: path, formats: formats)
            }
            document = read
        } catch {
            let isOurs = formats.contains { $0.claims(brokenFile: bytes, path: path) }
            if isOurs || error.isUnknownFormat { throw error }
            throw .unknownFormat(file: path, reason: error.place.map { "\($0): \(error.reason)" } ?? error.reason)
        }
        for format in formats {
            guard let kind = format.kind(of: document) else { continue }
            return imported(try format.contents(of: document, kind: kind), kind: kind)
        }
        let other = importFormats.first { $0.kind(of: document) != nil }
        throw .unknownFormat(file: path, reason: other.map { "of the family \($0.family), which was not asked for" })
    }

    /// The kind that a file would have been of which ``recordings(in:path:)`` could read nothing, by texts that only
    /// such files hold; `nil` where none tells.
    package static func likelyKind(of bytes: [UInt8], path: String) -> RecordingKind? {
        importFormats.first { $0.claims(brokenFile: bytes, path: path) }?.kinds.first
    }

    /// Ruby's VCR creates a cassette without interactions as a file without content.
    private func emptyFile(path: String, formats: [any ImportFormat]) throws(ImportError) -> ImportedFile {
        guard ["yaml", "yml"].contains(fileExtension(of: path)), formats.contains(where: { $0 is RubyVCRFormat }) else {
            throw .emptyFile(file: path)
        }
        return imported(FormatContents(), kind: .vcrRuby)
    }

    private func imported(_ contents: FormatContents, kind: RecordingKind) -> ImportedFile {
        var executions: [Execution] = []
        var failures = contents.failures
        for recording in contents.recordings where !recording.interactions.isEmpty {
            do throws(ImportError) {
                executions.append(try recording.execution(app: app ?? kind.rawValue, kind: kind))
            } catch {
                failures.append(error)
            }
        }
        return ImportedFile(kind: kind, executions: executions, failures: failures, skipped: contents.skipped)
    }
}

/// The part behind the last dot of the file's name, in lower case; empty where there is none.
func fileExtension(of path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
}

/// The file's name without folder and extension.
func fileStem(of path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return String(name) }
    return String(name[..<dot])
}
