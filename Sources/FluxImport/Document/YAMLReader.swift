import Yams

/// Reads YAML into a tree, through Yams' nodes and their spelling, never their resolved values.
enum YAMLReader {
    /// Reads a document. The bytes are known to be UTF-8.
    static func tree(of bytes: ArraySlice<UInt8>, file: String) throws(ImportError) -> Tree {
        var characters = HiddenCharacters(bytes)
        let text = String(decoding: characters.hidden(in: bytes), as: UTF8.self)
        let parser: Parser
        let node: Node?
        do {
            // The basic resolver has no rules: all plain scalars stay texts.
            parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            node = try parser.singleRoot()
        } catch {
            throw failure(of: error, file: file)
        }
        guard let node else { return Tree(content: .null, line: 1, column: 1) }
        var builder = TreeBuilder(file: file, sourceByteCount: bytes.count, characters: characters)
        // A node's anchor lives as long as the parser.
        defer { withExtendedLifetime(parser) {} }
        return try builder.tree(of: node)
    }
}

// MARK: - Errors

extension YAMLReader {
    static func failure(_ reason: String, line: Int = 1, column: Int = 1, file: String) -> ImportError {
        let place = ImportPlace(line: line, column: column, path: nil)
        return .invalidSyntax(file: file, syntax: .yaml, place: place, reason: reason)
    }

    private static func failure(of error: any Error, file: String) -> ImportError {
        guard let error = error as? YamlError else { return failure("\(error)", file: file) }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return failure(problem, line: mark.line, column: mark.column, file: file)
        case .duplicatedKeysInMapping(let names, let context):
            let name = names.first.map { "\"\($0.prefix(80))\"" } ?? "a name"
            let mark = context.mark
            return failure("\(name) stands twice in one map", line: mark.line, column: mark.column, file: file)
        case .reader(let problem, let offset, _, let text):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            return failure(problem, line: line, column: column, file: file)
        case .memory: return failure("nested too deeply", file: file)
        case .no, .writer, .emitter, .representer, .dataCouldNotBeDecoded: return failure("unreadable", file: file)
        }
    }
}
