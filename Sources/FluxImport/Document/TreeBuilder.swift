import Yams

/// Copies Yams' nodes into a tree and follows aliases, within limits: a small file can name a tree that fits no memory.
struct TreeBuilder {
    private let file: String
    private let characters: HiddenCharacters
    private var valuesLeft: Int
    private var bytesLeft: Int
    private var anchored: [String: Extent] = [:]

    /// A copied value with what an alias to it costs.
    private struct Extent {
        var tree: Tree
        var depth = 1
        var valueCount = 1
        var byteCount = 0

        /// Counts a child, and gives back its tree.
        mutating func adding(_ child: Self) -> Tree {
            depth = max(depth, child.depth + 1)
            // The limits on what aliases add keep these sums far from an overflow.
            valueCount += child.valueCount
            byteCount += child.byteCount
            return child.tree
        }

        mutating func set(_ content: Tree.Content) {
            tree = Tree(content: content, line: tree.line, column: tree.column)
        }
    }

    /// Starts with the limits for a file of so many bytes, which none without aliases comes near.
    init(file: String, sourceByteCount: Int, characters: HiddenCharacters) {
        self.file = file
        self.characters = characters
        valuesLeft = sourceByteCount + 1_000_000
        bytesLeft = 2 * sourceByteCount + 64 << 20
    }

    /// Copies a node and what is below it.
    mutating func tree(of node: Node) throws(ImportError) -> Tree {
        try extent(of: node, depth: 1).tree
    }

    private mutating func extent(of node: Node, depth: Int) throws(ImportError) -> Extent {
        guard depth <= Tree.depthMax else { throw tooDeep(at: node) }
        var extent = Extent(tree: Tree(content: .null, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1))
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, let name = characters.alias(in: scalar.string) {
                return try aliased(name, at: node, depth: depth)
            }
            let content = content(of: scalar)
            extent.set(content)
            if case .scalar(let text, _) = content { extent.byteCount = text.utf8.count }
        case .sequence(let sequence):
            var elements: [Tree] = []
            for element in sequence { elements.append(extent.adding(try self.extent(of: element, depth: depth + 1))) }
            extent.set(.list(elements))
        case .mapping(let mapping):
            var members: [Tree.Member] = []
            for (key, value) in mapping {
                let name = try name(of: key, depth: depth)
                members.append(
                    Tree.Member(name: name, value: extent.adding(try self.extent(of: value, depth: depth + 1))))
            }
            extent.set(.map(members))
        case .alias: throw failure("an alias without its anchor", at: node)
        }
        if let anchor = node.anchor { anchored[anchor.rawValue] = extent }
        return extent
    }

    private mutating func name(of key: Node, depth: Int) throws(ImportError) -> String {
        let tree = try extent(of: key, depth: depth + 1).tree
        guard let name = tree.isNull ? "" : tree.text else { throw failure("a name in this map is no text", at: key) }
        return name
    }

    private mutating func aliased(_ name: String, at node: Node, depth: Int) throws(ImportError) -> Extent {
        guard let target = anchored[name] else {
            throw failure("the alias *\(name.prefix(80)) has no anchor before it", at: node)
        }
        guard depth + target.depth - 1 <= Tree.depthMax else { throw tooDeep(at: node) }
        valuesLeft -= target.valueCount
        bytesLeft -= target.byteCount
        guard valuesLeft >= 0, bytesLeft >= 0 else { throw failure("aliases make the document too large", at: node) }
        return target
    }

    private func content(of scalar: Node.Scalar) -> Tree.Content {
        let text = characters.restored(scalar.string)
        switch scalar.tag.rawValue {
        case Tag.Name.implicit.rawValue where scalar.style == .plain:
            return ["", "~", "null", "Null", "NULL"].contains(text) ? .null : .scalar(text, .plain)
        case Tag.Name.int.rawValue, Tag.Name.float.rawValue, Tag.Name.bool.rawValue: return .scalar(text, .plain)
        case Tag.Name.null.rawValue: return .null
        case Tag.Name.binary.rawValue, "!binary": return .scalar(text, .binary)
        default: return .scalar(text, .text)
        }
    }

    private func tooDeep(at node: Node) -> ImportError {
        failure("nested deeper than \(Tree.depthMax) levels", at: node)
    }

    private func failure(_ reason: String, at node: Node) -> ImportError {
        YAMLReader.failure(reason, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, file: file)
    }
}
