/// The names of a disk, in the page cache and on the medium. Files and directories are numbered apart from their names.
struct NameTree {
    enum Entry: Hashable {
        case file(Int)
        case directory(Int)
    }

    struct Directory {
        var cached: [String: Entry] = [:]
        var durable: [String: Entry] = [:]
    }

    struct Edit {
        let directory: Int
        let name: String
        let entry: Entry?
    }

    /// What one call changed. A journal keeps all edits of a change or none.
    struct Change {
        let serial: Int
        /// What was made, renamed or removed.
        let subject: Entry
        let edits: [Edit]

        func touches(_ directory: Int) -> Bool { edits.contains { $0.directory == directory } }
        var hasTwoDirectories: Bool { edits.contains { $0.directory != edits[0].directory } }
    }

    static let root = 0
    private(set) var directories = [Directory()]
    /// What no sync of a directory has made durable, in order.
    private(set) var changes: [Change] = []

    // MARK: Look

    /// What a path names. Empty components and `.` say nothing, so that absolute and relative paths are the same.
    func entry(_ path: String) -> Entry? {
        var entry = Entry.directory(Self.root)
        for name in Self.components(path) {
            guard case .directory(let directory) = entry, let next = directories[directory].cached[name] else {
                return nil
            }
            entry = next
        }
        return entry
    }

    /// The directory that has, or could have, the last name of a path; `nil` where there is none.
    func place(_ path: String) -> (directory: Int, name: String)? {
        var names = Self.components(path)
        guard let last = names.popLast() else { return nil }
        var directory = Self.root
        for name in names {
            guard case .directory(let next)? = directories[directory].cached[name] else { return nil }
            directory = next
        }
        return (directory, last)
    }

    /// The files that can be reached, by their paths.
    func files() -> [(path: String, file: Int)] {
        var found: [(path: String, file: Int)] = []
        var open = [(path: "", directory: Self.root)]
        while let (path, directory) = open.popLast() {
            for (name, entry) in directories[directory].cached {
                switch entry {
                case .file(let file): found.append((path + name, file))
                case .directory(let next): open.append((path + name + "/", next))
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    private static func components(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).compactMap {
            $0.elementsEqual([46]) ? nil : String(Substring($0))
        }
    }

    // MARK: Change

    mutating func addDirectory() -> Int {
        directories.append(Directory())
        return directories.count - 1
    }

    mutating func change(_ subject: Entry, _ edits: [Edit], serial: Int) {
        for edit in edits { directories[edit.directory].cached[edit.name] = edit.entry }
        changes.append(Change(serial: serial, subject: subject, edits: edits))
    }

    /// Makes the names in a directory durable. A rename between two directories takes all that came before it along,
    /// as a journal does.
    mutating func sync(_ directory: Int) {
        let last = changes.last { $0.touches(directory) && $0.hasTwoDirectories }?.serial ?? -1
        var others: [Change] = []
        for change in changes {
            if change.serial <= last || change.touches(directory) { land(change) } else { others.append(change) }
        }
        changes = others
    }

    /// Makes all names durable.
    mutating func syncAll() {
        for change in changes { land(change) }
        changes = []
    }

    /// Loses power: of the changes that are not durable, those stay that are chosen. After a lost change, later ones of
    /// the same file are lost too, because it would have two names otherwise.
    mutating func restart(keeping isKept: (Change) -> Bool) {
        var lost: Set<Entry> = []
        for change in changes {
            if !lost.contains(change.subject) && isKept(change) { land(change) } else { lost.insert(change.subject) }
        }
        changes = []
        for index in directories.indices { directories[index].cached = directories[index].durable }
    }

    private mutating func land(_ change: Change) {
        for edit in change.edits { directories[edit.directory].durable[edit.name] = edit.entry }
    }
}
