/// A value of a YAML or JSON document in the spelling of the file.
///
/// Nothing is resolved: a number or a date is the text that stands in the file, and members keep their order.
struct Tree {
    /// What the value is.
    let content: Content
    /// The line, from 1.
    let line: Int
    /// The column, from 1.
    let column: Int

    enum Content {
        case null
        case scalar(String, Style)
        case list([Tree])
        case map([Member])
    }

    struct Member {
        let name: String
        let value: Tree
    }

    /// How a scalar is written, which decides what a number or `true` may mean.
    enum Style {
        /// Without quotes: JSON's numbers and Booleans, YAML's plain scalars and those tagged as number or Boolean.
        case plain
        /// As text.
        case text
        /// As base64 under YAML's tag `!!binary`, or Ruby's `!binary`.
        case binary
    }

    /// The deepest nesting that is read.
    static let depthMax = 512

    /// The member of a map under its name, or under Ruby's symbol of that name; the last one where there are several.
    subscript(name: String) -> Tree? {
        guard case .map(let members) = content else { return nil }
        return members.last { $0.name == name || ($0.name.hasPrefix(":") && $0.name.dropFirst() == name) }?.value
    }

    /// The elements of a list; `nil` for anything else.
    var list: [Tree]? {
        if case .list(let elements) = content { elements } else { nil }
    }

    /// The text of a scalar; `nil` for anything else.
    var text: String? {
        guard case .scalar(let text, let style) = content else { return nil }
        return style == .binary ? String(decoding: lenientBase64(text.utf8), as: UTF8.self) : text
    }

    /// Whether it is a map.
    var isMap: Bool {
        if case .map = content { true } else { false }
    }

    /// Whether it is null.
    var isNull: Bool {
        if case .null = content { true } else { false }
    }
}
