/// A value of a document together with the way to it, so that an error can name its place.
struct TreeCursor {
    /// The value.
    let tree: Tree
    private let file: String
    private let path: Path

    private indirect enum Path {
        case root
        case member(Path, String)
        case element(Path, Int)

        /// The steps from the value up to the root; no recursion, for a path may be 512 steps long.
        var text: String {
            var steps: [String] = []
            var path = self
            while true {
                switch path {
                case .root: return "$" + steps.reversed().joined()
                case .member(let parent, let name):
                    steps.append("." + name.prefix(80))
                    path = parent
                case .element(let parent, let index):
                    steps.append("[\(index)]")
                    path = parent
                }
            }
        }
    }

    /// The root of a document.
    init(_ tree: Tree, file: String) {
        self.init(tree, file: file, path: .root)
    }

    private init(_ tree: Tree, file: String, path: Path) {
        self.tree = tree
        self.file = file
        self.path = path
    }
}

// MARK: - Reading

extension TreeCursor {
    /// The member of a map; `nil` where it is missing. Null counts as an empty map.
    func member(_ name: String) throws(ImportError) -> TreeCursor? {
        guard tree.isMap || tree.isNull else { throw wrongShape("a map is expected here") }
        return tree[name].map { TreeCursor($0, file: file, path: .member(path, name)) }
    }

    /// The member of a map; `nil` where it is missing or null.
    func value(_ name: String) throws(ImportError) -> TreeCursor? {
        guard let found = try member(name), !found.tree.isNull else { return nil }
        return found
    }

    /// The first of several members that is there and not null.
    func value(anyOf names: String...) throws(ImportError) -> TreeCursor? {
        for name in names {
            if let found = try value(name) { return found }
        }
        return nil
    }

    /// The member of a map, which must be there.
    func required(_ name: String) throws(ImportError) -> TreeCursor {
        guard let found = try value(name) else { throw wrongShape("\"\(name)\" is missing here") }
        return found
    }

    /// The members of a map in file order; none for null.
    func members() throws(ImportError) -> [(name: String, value: TreeCursor)] {
        switch tree.content {
        case .null: return []
        case .map(let members):
            return members.map { ($0.name, TreeCursor($0.value, file: file, path: .member(path, $0.name))) }
        default: throw wrongShape("a map is expected here")
        }
    }

    /// The elements of a list; none for null.
    func elements() throws(ImportError) -> [TreeCursor] {
        switch tree.content {
        case .null: return []
        case .list(let elements):
            return elements.enumerated().map { TreeCursor($1, file: file, path: .element(path, $0)) }
        default: throw wrongShape("a list is expected here")
        }
    }

    /// The text of a scalar, as it is spelled; empty for null.
    func text() throws(ImportError) -> String {
        if tree.isNull { return "" }
        guard let text = tree.text else { throw wrongShape("a text is expected here") }
        return text
    }

    /// The text of a scalar, where Ruby's symbol `:get` is the text `get`.
    func symbol() throws(ImportError) -> String {
        let text = try text()
        if case .scalar(_, .plain) = tree.content, text.hasPrefix(":") { return String(text.dropFirst()) }
        return text
    }
}

// MARK: - Errors

extension TreeCursor {
    private var place: ImportPlace { ImportPlace(line: tree.line, column: tree.column, path: path.text) }

    /// The error that says what is wrong with this value.
    func wrongShape(_ reason: String) -> ImportError {
        .wrongShape(file: file, place: place, reason: reason)
    }

    /// The error that says that this value is over a limit.
    func tooLarge(_ what: String, byteCount: Int, limit: Int) -> ImportError {
        .tooLarge(file: file, place: place, what: what, byteCount: byteCount, limit: limit)
    }
}
