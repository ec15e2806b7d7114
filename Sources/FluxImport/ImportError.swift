/// Why a file, or one recording of it, was not imported.
package enum ImportError: Error, Equatable, Sendable {
    /// The file is no recording of a format that is read; the reason tells more where the file could not be parsed.
    case unknownFormat(file: String, reason: String?)
    /// The file has no bytes but blanks.
    case emptyFile(file: String)
    /// The file is not UTF-8; the offset is that of the first wrong byte.
    case notUTF8(file: String, offset: Int)
    /// The file is no valid YAML or JSON.
    case invalidSyntax(file: String, syntax: DocumentSyntax, place: ImportPlace, reason: String)
    /// A value is missing, or is not what the format has there.
    case wrongShape(file: String, place: ImportPlace, reason: String)
    /// A value is larger than the store keeps.
    case tooLarge(file: String, place: ImportPlace, what: String, byteCount: Int, limit: Int)
}

extension ImportError {
    /// The path of the file, as it was given.
    package var file: String {
        switch self {
        case .unknownFormat(let file, _), .emptyFile(let file), .notUTF8(let file, _),
            .invalidSyntax(let file, _, _, _), .wrongShape(let file, _, _), .tooLarge(let file, _, _, _, _):
            file
        }
    }

    /// The place in the file; `nil` where the whole file is meant.
    package var place: ImportPlace? {
        switch self {
        case .unknownFormat, .emptyFile, .notUTF8: nil
        case .invalidSyntax(_, _, let place, _), .wrongShape(_, let place, _), .tooLarge(_, let place, _, _, _): place
        }
    }

    /// What is wrong, without file and place, and what to do where there is something to do.
    package var reason: String {
        switch self {
        case .unknownFormat(_, let reason):
            "unknown format\(reason.map { " (\($0))" } ?? ""); HAR files and cassettes of VCR, vcrpy and go-vcr are read"
        case .emptyFile: "the file is empty; record it anew or leave it out"
        case .notUTF8(_, let offset): "the file is not UTF-8 (byte \(offset)); convert it, as with `iconv -t UTF-8`"
        case .invalidSyntax(_, let syntax, _, let reason): "invalid \(syntax.rawValue): \(reason)"
        case .wrongShape(_, _, let reason): reason
        case .tooLarge(_, _, let what, let byteCount, let limit):
            "\(what) has \(byteCount) bytes, and the store keeps at most \(limit)"
        }
    }

    /// Whether the file is simply of another sort: no failure when it was met while walking a folder.
    package var isUnknownFormat: Bool {
        if case .unknownFormat = self { true } else { false }
    }
}

extension ImportError: CustomStringConvertible {
    /// One sentence for a person: file, place and reason.
    package var description: String {
        guard let place else { return "\(file): \(reason)" }
        return "\(file): \(place): \(reason)"
    }
}

/// The language in which a recording is written.
package enum DocumentSyntax: String, Sendable {
    case yaml = "YAML"
    case json = "JSON"
}

/// Where in a file something stands.
package struct ImportPlace: Equatable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// The column, from 1: characters in YAML, bytes in JSON.
    package let column: Int
    /// The way from the root of the document, as in `$.log.entries[3].request`; `nil` while there is no document.
    package let path: String?

    /// As in `line 12, column 5 ($.log.entries[3])`.
    package var description: String {
        "line \(line), column \(column)\(path.map { " (\($0))" } ?? "")"
    }
}
