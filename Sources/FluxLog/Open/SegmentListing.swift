import FluxFiles
import FluxFormat

/// The names in the directory of segments.
struct SegmentListing {
    /// The segments in order; of several generations the highest.
    private(set) var names: [SegmentName] = []
    /// Of segments with several generations, those below the highest, highest first.
    private(set) var older: [UInt32: [SegmentName]] = [:]
    /// Those of ``names`` that have the name of a spare: their roll is not finished.
    private(set) var unnamed: Set<SegmentName> = []
    /// The numbers of those of which a spare has a header, too.
    private(set) var doubled: Set<UInt32> = []
    /// Files made ahead of time, without a header.
    private(set) var spares: [SegmentName] = []
    /// Files of a rewriting that was interrupted.
    private(set) var unfinished: [String] = []

    init(of directory: String, files: some FileSystem) throws(LogError) {
        let entries: [String]
        do throws(IOError) {
            entries = try files.list(directory)
        } catch {
            throw .io(error)
        }
        var found: [UInt32: [SegmentName]] = [:]
        for name in entries.compactMap(SegmentName.init) { found[name.segment, default: []].append(name) }
        for entry in entries {
            if SegmentName(entry, suffix: SegmentName.rewriteSuffix) != nil { unfinished.append(entry) }
            guard let name = SegmentName(entry, suffix: SegmentName.spareSuffix) else { continue }
            if try Self.hasNoHeader("\(directory)/\(entry)", files: files) {
                spares.append(name)
            } else if found[name.segment] == nil {
                found[name.segment] = [name]
                unnamed.insert(name)
            } else {
                doubled.insert(name.segment)
            }
        }
        for (segment, generations) in found {
            let latestFirst = generations.sorted(by: >)
            names.append(latestFirst[0])
            if latestFirst.count > 1 { older[segment] = Array(latestFirst.dropFirst()) }
        }
        names.sort()
    }

    /// Takes out what lies before a segment, unless nothing would be left, and returns the names of those files.
    mutating func removeNames(before segment: UInt32) -> [String] {
        guard names.contains(where: { $0.segment >= segment }) else { return [] }
        let removed = names.prefix { $0.segment < segment }.flatMap { [$0] + (older[$0.segment] ?? []) }
        names.removeFirst(names.count { $0.segment < segment })
        return removed.map { unnamed.contains($0) ? $0.spareFileName : $0.fileName }
    }

    /// Whether nothing was ever written where the header belongs.
    private static func hasNoHeader(_ path: String, files: some FileSystem) throws(LogError) -> Bool {
        do throws(IOError) {
            let file = try files.open(path, .read)
            let header = try file.read(byteCount: SegmentHeader.byteCount, at: 0)
            return header.rawSpan.isZero
        } catch {
            // Renamed or removed since it was listed.
            if error.isMissing { return true }
            throw .io(error)
        }
    }
}
