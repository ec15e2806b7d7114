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
        try checkIsNoBackup()
        do throws(IOError) {
            try makeWithParents()
            for directory in [SegmentName.directory, IndexKeeper.directory] {
                try files.makeDirectory("\(path)/\(directory)")
            }
            try files.syncDirectory(path)
        } catch {
            throw StoreError(error)
        }
    }

    /// What is written into a backup would be lost by the next one, or make it useless.
    private func checkIsNoBackup() throws(StoreError) {
        let marker = "\(path)/\(BackupMarker.fileName)"
        guard try storeCall({ () throws(IOError) in try files.kind(of: marker) }) != nil else { return }
        throw StoreError(
            .readOnly, "\(path): is a backup; fluxrun restore makes a store of it, and open read-only it can be read")
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
            if names.isEmpty { return .empty }
            if try hasSegments(names) { return .store }
            // Without a segment only names of our own tell that nothing else lies there.
            return names.first { !Self.names.contains($0) }.map(Content.foreign) ?? .store
        } catch {
            throw StoreError(error)
        }
    }

    /// What stands in the folder of a store.
    private static let names: Set<String> = [
        SegmentName.directory, IndexKeeper.directory, LogRecovery.quarantineName, StoreLock.fileName, LogHead.fileName,
        "ballast", "lost+found",
    ]

    private func hasSegments(_ names: [String]) throws(IOError) -> Bool {
        let directory = "\(path)/\(SegmentName.directory)"
        guard names.contains(SegmentName.directory), try files.kind(of: directory) == .directory else { return false }
        return try files.list(directory).contains { SegmentName($0) != nil }
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

    /// Makes the folder and those above it that are missing, each durable in the one above it.
    private func makeWithParents() throws(IOError) {
        var parent = path.hasPrefix("/") ? "/" : "."
        for component in path.split(separator: "/") {
            let child = parent == "." ? String(component) : parent == "/" ? "/\(component)" : "\(parent)/\(component)"
            if try files.kind(of: child) == nil {
                try files.makeDirectory(child)
                try files.syncDirectory(parent)
            }
            parent = child
        }
    }
}
