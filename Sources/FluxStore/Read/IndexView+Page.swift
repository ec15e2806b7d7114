import FluxFormat
import FluxIndex

/// What a page is asked for.
struct PageRequest: Sendable {
    var query: ExecutionQuery
    var order = ExecutionOrder.newestFirst
    var limit: Int
    /// Entries of the index that are looked at, at most.
    var examinedMax = EventStore.examinedCountMax
}

extension IndexView {
    /// Executions outside of the index over which a list waits for the index.
    private static var overlayExecutionCountMax: Int { 4096 }

    /// A page of the executions that a query asks for, everything published before among them.
    func page(_ request: PageRequest, after token: PageToken?) throws(StoreError) -> ExecutionPage {
        guard let published, !published.isCatchingUp, !published.isRebuilding,
            let overlay = published.overlay(executionCountMax: Self.overlayExecutionCountMax)
        else {
            return try settled().read { (index) throws(IndexError) in
                try index.page(
                    matching: request.query, order: request.order, limit: request.limit, after: token,
                    examinedMax: request.examinedMax)
            }
        }
        return try source.read { (index) throws(IndexError) in try Self.page(index, overlay, request, after: token) }
    }

    private static func page(
        _ index: MetadataIndex, _ overlay: Overlay, _ request: PageRequest, after token: PageToken?
    ) throws(IndexError) -> ExecutionPage {
        let order = request.order
        let first = try index.place(token, request.query, order)
        var rows = try overlaid(index, overlay, request, after: first)
        var next = first
        var hasMore = true
        var indexedCount = 0
        var examinedCount = overlay.executionCount
        let examinedMax = examinedCount + request.examinedMax
        // Rows that the overlay has as well are dropped, so that a page may take more than one look.
        while hasMore, indexedCount < request.limit, examinedCount < examinedMax {
            let page = try index.rows(
                matching: request.query, order: order, limit: request.limit, after: next,
                examinedMax: examinedMax - examinedCount)
            for row in page.rows where !overlay.contains(row.id) {
                rows.append(row)
                indexedCount += 1
            }
            examinedCount += page.examinedCount
            next = page.end
            hasMore = next != nil
        }
        // What the overlay has behind the end of what was looked at waits for its turn.
        if let next, indexedCount < request.limit { rows.removeAll { order.puts(next, before: $0.place) } }
        rows.sort { order.puts($0.place, before: $1.place) }
        let isCut = rows.count > request.limit
        rows.removeLast(max(0, rows.count - request.limit))
        let end = isCut || indexedCount >= request.limit ? rows.last?.place : next
        return ExecutionPage(
            executions: rows,
            nextPageToken: isCut || hasMore ? end.map { index.token(behind: $0, request.query, order) } : nil,
            examinedCount: examinedCount)
    }

    /// The executions of the overlay that match and lie behind a place, in no order.
    private static func overlaid(
        _ index: MetadataIndex, _ overlay: Overlay, _ request: PageRequest, after place: ListPlace?
    ) throws(IndexError) -> [ExecutionSummary] {
        var rows: [ExecutionSummary] = []
        for id in overlay.executions {
            let frames = overlay.frames(of: id)
            let isWhole = frames.first.map { $0.header.flags.contains(.executionFirst) } ?? false
            let row = isWhole ? nil : try index.execution(of: id)
            guard let merged = IndexedExecution(row, adding: frames),
                request.query.matches(merged.summary.metadata, tenantID: merged.tenantID),
                place.map({ request.order.puts($0, before: merged.summary.place) }) ?? true
            else { continue }
            rows.append(merged.summary)
        }
        return rows
    }
}
