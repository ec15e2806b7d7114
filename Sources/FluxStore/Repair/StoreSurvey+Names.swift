import FluxFormat
import FluxIndex
import FluxLog

extension StoreSurvey {
    /// Asks the index for the executions that losses hit of which no seal tells.
    mutating func nameExecutions(in path: String, storeID: StoreID?, evidence: LogEvidence) {
        guard let storeID, evidence != .none,
            segments.contains(where: { $0.losses.contains { !$0.isNamed } })
        else { return }
        let readers = IndexReaders(path: IndexKeeper.path(in: path), storeID: storeID)
        // What an index that cannot be read knows is not known.
        let named = try? readers.read { (index) throws(IndexError) in try names(in: index) }
        guard let named else { return }
        for (place, ids) in named { segments[place.segment].losses[place.loss].executions.formUnion(ids) }
        for segment in segments.indices {
            for loss in segments[segment].losses.indices {
                let end = Position(
                    segment: segments[segment].number, offset: segments[segment].losses[loss].end ?? 0)
                if evidence.end >= end { segments[segment].losses[loss].isNamed = true }
            }
        }
    }

    private struct Place: Hashable {
        let segment: Int
        let loss: Int
    }

    private func names(in index: MetadataIndex) throws(IndexError) -> [Place: Set<ExecutionID>] {
        var names: [Place: Set<ExecutionID>] = [:]
        var rows = try index.allSummaries(afterN: nil, limit: 1000)
        while let last = rows.last {
            for row in rows {
                for frame in row.frames {
                    if let place = place(of: frame.position) { names[place, default: []].insert(row.summary.id) }
                }
            }
            rows = try index.allSummaries(afterN: last.summary.firstFrameSequence, limit: 1000)
        }
        return names
    }

    private func place(of position: Position) -> Place? {
        guard let segment = segments.firstIndex(where: { $0.number == position.segment }) else { return nil }
        let loss = segments[segment].losses.firstIndex { loss in
            !loss.isNamed && position.offset >= loss.start && loss.end.map { position.offset < $0 } ?? true
        }
        return loss.map { Place(segment: segment, loss: $0) }
    }
}
