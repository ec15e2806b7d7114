/// The formats that are read, in the order in which they are asked. A further format is a file and an entry here.
let importFormats: [any ImportFormat] = [RubyVCRFormat(), VCRPyFormat(), GoVCRFormat(), HARFormat()]

/// One format of recordings.
protocol ImportFormat: Sendable {
    /// The name of its family in `--format`.
    var family: String { get }
    /// The kinds of its recordings.
    var kinds: [RecordingKind] { get }
    /// Texts that stand only in files of this format: they tell a broken recording from a file of another sort.
    var marks: [String] { get }
    /// Extensions of files that can be nothing else.
    var fileExtensions: [String] { get }

    /// The kind of a document by its content; `nil` when it is not of this format.
    func kind(of document: Document) -> RecordingKind?

    /// Reads a document of this format.
    func contents(of document: Document, kind: RecordingKind) throws(ImportError) -> FormatContents
}

extension ImportFormat {
    /// Whether a file that could not be parsed would have been of this format.
    func claims(brokenFile bytes: [UInt8], path: String) -> Bool {
        guard !fileExtensions.contains(fileExtension(of: path)) else { return true }
        return marks.contains { bytes.firstRange(of: Array($0.utf8)) != nil }
    }
}

/// What a format found in a document.
struct FormatContents {
    var recordings: [Recording] = []
    var failures: [ImportError] = []
    var skipped: [SkippedItems] = []
}
