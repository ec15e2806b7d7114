import FluxFiles
import FluxFormat
import FluxIndex

/// The executions of a query, page after page.
struct ExecutionPages<Files: FileSystem>: Sendable {
    /// Rows of a page.
    private static var pageRowCount: Int { 64 }

    private let view: IndexView<Files>
    private let request: PageRequest
    private var token: PageToken?
    private var isLastPage = false
    /// The executions of the page, the next one last.
    private var ids: [ExecutionID] = []

    init(_ view: IndexView<Files>, matching query: ExecutionQuery) {
        self.view = view
        request = PageRequest(query: query, limit: Self.pageRowCount)
    }

    /// Whether the next execution is known without asking.
    var isKnown: Bool { !ids.isEmpty || isLastPage }

    /// Asks for the next page, so that the system has in memory what ``next()`` will read.
    var awaited: @Sendable () -> Void {
        let (view, request, token) = (view, request, token)
        return { _ = try? view.page(request, after: token) }
    }

    /// Where the frames of the next execution lie; `nil` behind the last. One that went since its page was read is passed
    /// over.
    mutating func next() throws(StoreError) -> FrameLocations<Files>? {
        while true {
            while let id = ids.popLast() {
                if let locations = try view.locations(of: id) { return locations }
            }
            guard !isLastPage else { return nil }
            let page = try view.page(request, after: token)
            ids = page.executions.reversed().map(\.id)
            token = page.nextPageToken
            isLastPage = token == nil
        }
    }
}
