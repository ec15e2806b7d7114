import FluxFiles
import FluxImport
import Foundation

/// The files of an import: those named, and those found in the folders named.
struct RecordingFiles {
    /// One file.
    struct Entry {
        let path: String
        /// Whether it was named itself, so that it must be a recording.
        let isNamed: Bool
    }

    /// In the order of the arguments, and inside of a folder by name.
    private(set) var entries: [Entry] = []
    /// What could not be looked at.
    private(set) var failures: [String] = []
    /// Folders that were walked, links followed: each is walked once.
    private var walked: Set<String> = []
    private let files = PosixFileSystem()

    init(_ paths: [String]) {
        for path in paths {
            do throws(IOError) {
                switch try files.kind(of: path) {
                case .directory: walk(path)
                case nil: failures.append("\(path): there is no such file or folder")
                case .other: failures.append("\(path): is neither a file nor a folder")
                case .file: entries.append(Entry(path: path, isNamed: true))
                }
            } catch {
                failures.append(error.description)
            }
        }
    }

    private mutating func walk(_ folder: String) {
        guard walked.insert(URL(fileURLWithPath: folder).resolvingSymlinksInPath().path).inserted else { return }
        let names: [String]
        do throws(IOError) {
            names = try files.list(folder)
        } catch {
            return failures.append(error.description)
        }
        for name in names where !name.hasPrefix(".") {
            visit(folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)")
        }
    }

    private mutating func visit(_ path: String) {
        do throws(IOError) {
            switch try files.kind(of: path) {
            case .directory: walk(path)
            case .file where RecordingReader.isCandidate(path: path): entries.append(Entry(path: path, isNamed: false))
            default: return
            }
        } catch {
            failures.append(error.description)
        }
    }
}
