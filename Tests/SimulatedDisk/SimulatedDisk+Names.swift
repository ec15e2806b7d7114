import FluxFiles
import Glibc

extension SimulatedDisk {
    /// The number of the file at a path, which is made where the access says so.
    func openFile(_ path: String, _ access: FileAccess) throws(IOError) -> Int {
        let entry = state.names.entry(path)
        let isMade = entry == nil && (access == .create || access == .createIfMissing)
        _ = try begin(isMade ? .create : .open, "open", path)
        switch entry {
        case .directory: throw IOError("open", path, number: EISDIR)
        case .file(let file):
            guard access != .create else { throw IOError("open", path, number: EEXIST) }
            return file
        case nil:
            guard isMade, let place = state.names.place(path) else { throw IOError("open", path, number: ENOENT) }
            let file = state.addFile()
            set(place, .file(file))
            return file
        }
    }

    func list(_ path: String) throws(IOError) -> [String] {
        _ = try begin(.list, "list", path)
        return state.names.directories[try directory(path, "list")].cached.keys.sorted()
    }

    func makeDirectory(_ path: String) throws(IOError) {
        let verb = "make the directory"
        _ = try begin(.makeDirectory, verb, path)
        switch state.names.entry(path) {
        case .directory: return
        case .file: throw IOError(verb, path, number: EEXIST)
        case nil:
            guard state.names.place(path) != nil else { throw IOError(verb, path, number: ENOENT) }
            addDirectory(path)
        }
    }

    func kind(of path: String) throws(IOError) -> FileKind? {
        _ = try begin(.look, "look at", path)
        return switch state.names.entry(path) {
        case .file: .file
        case .directory: .directory
        case nil: nil
        }
    }

    func rename(_ source: String, to target: String) throws(IOError) {
        let verb = "rename to \(target)"
        _ = try begin(.rename, verb, source)
        guard let entry = state.names.entry(source), let from = state.names.place(source),
            let place = state.names.place(target)
        else { throw IOError(verb, source, number: ENOENT) }
        let replaced = state.names.entry(target)
        guard replaced != entry else { return }
        switch (entry, replaced) {
        case (_, nil): break
        case (.file, .file(let file)): state.files[file].linkCount -= 1
        case (.file, .directory): throw IOError(verb, source, number: EISDIR)
        case (.directory, .file): throw IOError(verb, source, number: ENOTDIR)
        case (.directory, .directory(let directory)):
            guard state.names.directories[directory].cached.isEmpty else {
                throw IOError(verb, source, number: ENOTEMPTY)
            }
        }
        let edits = [
            NameTree.Edit(directory: from.directory, name: from.name, entry: nil),
            NameTree.Edit(directory: place.directory, name: place.name, entry: entry),
        ]
        state.names.change(entry, edits, serial: state.nextSerial())
    }

    func link(_ source: String, to target: String) throws(IOError) {
        let verb = "link to \(target)"
        _ = try begin(.link, verb, source)
        guard let entry = state.names.entry(source), let place = state.names.place(target) else {
            throw IOError(verb, source, number: ENOENT)
        }
        guard case .file(let file) = entry else { throw IOError(verb, source, number: EPERM) }
        guard state.names.entry(target) == nil else { throw IOError(verb, source, number: EEXIST) }
        state.files[file].linkCount += 1
        set(place, entry)
    }

    func remove(_ path: String) throws(IOError) {
        _ = try begin(.remove, "remove", path)
        guard let entry = state.names.entry(path), let place = state.names.place(path) else { return }
        guard case .file(let file) = entry else { throw IOError("remove", path, number: EISDIR) }
        state.files[file].linkCount -= 1
        let edit = NameTree.Edit(directory: place.directory, name: place.name, entry: nil)
        state.names.change(entry, [edit], serial: state.nextSerial())
    }

    func syncDirectory(_ path: String) throws(IOError) {
        let outcome = try begin(.syncDirectory, "sync", path)
        let directory = try directory(path, "sync")
        if case .sync(.lies) = outcome { return }
        state.names.sync(directory)
    }

    func addDirectory(_ path: String) {
        guard let place = state.names.place(path) else { preconditionFailure("\(path) has a place") }
        set(place, .directory(state.names.addDirectory()))
    }

    private func set(_ place: (directory: Int, name: String), _ entry: NameTree.Entry) {
        let edit = NameTree.Edit(directory: place.directory, name: place.name, entry: entry)
        state.names.change(entry, [edit], serial: state.nextSerial())
    }

    private func directory(_ path: String, _ verb: String) throws(IOError) -> Int {
        switch state.names.entry(path) {
        case .directory(let directory): return directory
        case .file: throw IOError(verb, path, number: ENOTDIR)
        case nil: throw IOError(verb, path, number: ENOENT)
        }
    }
}
