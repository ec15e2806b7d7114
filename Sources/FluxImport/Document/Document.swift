/// A parsed file, before anything is made of it.
struct Document {
    /// The path, for errors and names.
    let file: String
    /// The language in which it is written.
    let syntax: DocumentSyntax
    /// Whether it starts with YAML's `---`.
    let hasStartMarker: Bool
    /// Its content.
    let root: Tree

    /// Parses a file; `nil` when it has no content.
    ///
    /// What starts like JSON (or like JSONP, `callback({…});`) is read as JSON, everything else as YAML. YAML's own
    /// braces look like JSON too, so a `.yml` that is no JSON gets a second chance.
    init?(reading bytes: [UInt8], file: String) throws(ImportError) {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard bytes[start...].contains(where: { !isBlank($0) }) else { return nil }
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw .notUTF8(file: file, offset: error.byteOffsets.lowerBound)
        }
        let isYAMLName = ["yaml", "yml"].contains(fileExtension(of: file))
        let isJSONName = ["json", "har", "harp"].contains(fileExtension(of: file))
        self.file = file
        hasStartMarker = bytes[start...].starts(with: "---".utf8)
        if JSONReader.isJSONLike(bytes[start...]) || isJSONName {
            do throws(ImportError) {
                root = try JSONReader.tree(of: bytes, from: start, file: file)
                syntax = .json
                return
            } catch {
                guard isYAMLName else { throw error }
            }
        }
        let root = try YAMLReader.tree(of: bytes[start...], file: file)
        if case .null = root.content { return nil }
        self.root = root
        syntax = .yaml
    }

    /// The root, to be read.
    var cursor: TreeCursor { TreeCursor(root, file: file) }
}

/// Whether a byte is a blank, tab or line end.
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
