import FluxFiles
import FluxLog

/// The directory of a store, before anything in it is opened.
struct StoreFolder {
    let path: String
    let files: PosixFileSystem

    private enum Content {
        case missing
        case empty
        case store
        case foreign(String)
        case noDirectory
    }

    /// Makes the directories of a store, unless something else lies there.
    func prepare() throws(StoreError) {
        let content = try content()
        switch content {
        case .missing, .empty, .store: break
        case .foreign, .noDirectory: throw refusal(of: content)
        }
        do throws(IOError) {
            try makeParents()
            for directory in [path, "\(path)/\(SegmentName.directory)", "\(path)/\(IndexKeeper.directory)"] {
                try files.makeDirectory(directory)
            }
            try files.syncDirectory(path)
        } catch {
            throw StoreError(error)
        }
    }

    /// Throws unless a store lies at the path.
    func check() throws(StoreError) {
        let content = try content()
        guard case .store = content else { throw refusal(of: content) }
    }

    private func content() throws(StoreError) -> Content {
        do throws(IOError) {
            switch try files.kind(of: path) {
            case nil: return .missing
            case .directory: break
            default: return .noDirectory
            }
            let names = try files.list(path)
            if names.contains(SegmentName.directory) || names.contains(StoreLock.fileName) { return .store }
            return names.first.map(Content.foreign) ?? .empty
        } catch {
            throw StoreError(error)
        }
    }

    private func refusal(of content: Content) -> StoreError {
        switch content {
        case .missing: StoreError(.notFound, "\(path): there is no store; fluxrun import makes one")
        case .empty, .store: StoreError(.notFound, "\(path): is an empty folder, not a store; fluxrun import fills one")
        case .foreign(let name):
            StoreError(.notAStore, "\(path): is a folder of something else (it has \(name)); give an empty one")
        case .noDirectory: StoreError(.notAStore, "\(path): is a file; a store is a folder")
        }
    }

    private func makeParents() throws(IOError) {
        var parent = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/").dropLast() {
            parent += component
            if try files.kind(of: parent) == nil { try files.makeDirectory(parent) }
            parent += "/"
        }
    }
}
