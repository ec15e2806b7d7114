/// The pages of a HAR log, to which entries point by id.
struct HARPages {
    /// What made the recording.
    let recorder: String?
    private var names: [String: String] = [:]
    private let looseName: String

    /// Reads what names the pages. Nothing here is needed to read the entries, so nothing here can fail.
    init(_ log: TreeCursor, file: String) {
        let stem = fileStem(of: file)
        looseName = log.tree["_recordingName"]?.text ?? stem
        let creator = [log.tree["creator"]?["name"]?.text, log.tree["creator"]?["version"]?.text].compactMap(\.self)
        recorder = creator.isEmpty ? nil : creator.joined(separator: " ")
        for page in log.tree["pages"]?.list ?? [] {
            guard let id = page["id"]?.text else { continue }
            let title = page["title"]?.text ?? ""
            names[id] = "\(title.isEmpty ? id : title) (\(stem))"
        }
    }

    /// The id of the page that an entry belongs to; `nil` where it has none, or one that is not listed.
    func page(of entry: TreeCursor) -> String? {
        guard let id = entry.tree["pageref"]?.text, names[id] != nil else { return nil }
        return id
    }

    /// The name of the execution for a page.
    func name(of page: String?) -> String { page.flatMap { names[$0] } ?? looseName }
}

/// The entries of a HAR log by page, pages in the order of their first entry.
struct PageGroups {
    private var order: [String?] = []
    private var interactions: [String?: [RecordedInteraction]] = [:]
    private var failures: [String?: ImportError] = [:]

    /// Adds an entry to its page.
    mutating func add(_ interaction: RecordedInteraction, to page: String?) {
        if interactions[page] == nil, failures[page] == nil { order.append(page) }
        interactions[page, default: []].append(interaction)
    }

    /// Fails a page, for the first of its reasons.
    mutating func fail(_ page: String?, _ error: ImportError) {
        if interactions[page] == nil, failures[page] == nil { order.append(page) }
        if failures[page] == nil { failures[page] = error }
    }

    /// A page with an entry that cannot be read is not read at all: half a recording would replay wrongly.
    func contents(pages: HARPages) -> FormatContents {
        var contents = FormatContents()
        for page in order {
            if let failure = failures[page] {
                contents.failures.append(failure)
            } else {
                contents.recordings.append(
                    Recording(
                        name: pages.name(of: page), recorder: pages.recorder, interactions: interactions[page] ?? []))
            }
        }
        return contents
    }
}
