import FluxFiles
import FluxFormat

/// The names in the directory of segments.
struct SegmentListing {
    /// The segments in order; of several generations the highest.
    private(set) var names: [SegmentName] = []
    /// Those of them that have the name of a spare: their roll is not finished.
    private(set) var unnamed: Set<SegmentName> = []
    /// The numbers of those of which a spare has a header, too.
    private(set) var doubled: Set<UInt32> = []
    /// Files made ahead of time, without a header.
    private(set) var spares: [SegmentName] = []

    init(of directory: String, files: some FileSystem) throws(LogError) {
        let entries: [String]
        do throws(IOError) {
            entries = try files.list(directory)
        } catch {
            throw .io(error)
        }
        var latest: [UInt32: SegmentName] = [:]
        for name in entries.compactMap(SegmentName.init) {
            latest[name.segment] = max(latest[name.segment] ?? name, name)
        }
        for entry in entries where entry.hasSuffix(SegmentName.spareSuffix) {
            guard let name = SegmentName(String(entry.dropLast(SegmentName.spareSuffix.count))) else { continue }
            if try Self.hasNoHeader("\(directory)/\(entry)", files: files) {
                spares.append(name)
            } else if latest[name.segment] == nil {
                latest[name.segment] = name
                unnamed.insert(name)
            } else {
                doubled.insert(name.segment)
            }
        }
        names = latest.values.sorted()
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
