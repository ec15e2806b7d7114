import FluxFormat

/// The cassette formats: one file is one execution, which is read whole or not at all.
enum Cassette {
    /// Reads each item with `read`, which gives `nil` for items that are not HTTP.
    static func contents(
        of document: Document, items: TreeCursor, recorder: String? = nil,
        read: (TreeCursor) throws(ImportError) -> RecordedInteraction?
    ) throws(ImportError) -> FormatContents {
        var recording = Recording(name: fileStem(of: document.file), recorder: recorder, interactions: [])
        do throws(ImportError) {
            for item in try items.elements() {
                if let interaction = try read(item) { recording.interactions.append(interaction) }
            }
        } catch {
            return FormatContents(failures: [error])
        }
        return FormatContents(recordings: [recording])
    }
}
