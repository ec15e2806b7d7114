import FluxFiles
import FluxImport
import Glibc

/// The files of an import: those named, and those found in the folders named.
struct RecordingFiles {
    /// One file.
    struct Entry {
        let path: String
        /// Whether it was named itself, so that it must be a recording.
        let isNamed: Bool
    }

    /// Levels of folders that are walked: more is a circle of links.
    private static let depthMax = 64

    /// In the order of the arguments, and inside of a folder by name.
    private(set) var entries: [Entry] = []
    /// What could not be looked at.
    private(set) var failures: [IOError] = []
    private let files = PosixFileSystem()

    init(_ paths: [String]) {
        for path in paths {
            do throws(IOError) {
                switch try files.kind(of: path) {
                case .directory: walk(path, depth: 0)
                case nil: throw IOError("find", path, number: ENOENT)
                case .other: throw IOError("read what is neither file nor folder,", path, number: EINVAL)
                case .file: entries.append(Entry(path: path, isNamed: true))
                }
            } catch {
                failures.append(error)
            }
        }
    }

    private mutating func walk(_ folder: String, depth: Int) {
        do throws(IOError) {
            for name in try files.list(folder) where !name.hasPrefix(".") {
                let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
                switch try files.kind(of: path) {
                case .directory where depth < Self.depthMax: walk(path, depth: depth + 1)
                case .file where RecordingReader.isCandidate(path: path):
                    entries.append(Entry(path: path, isNamed: false))
                default: continue
                }
            }
        } catch {
            failures.append(error)
        }
    }
}
