/// What a loss of power leaves of all that was not synced: bytes and names apart from each other.
package struct CrashMode: Hashable, CaseIterable, Sendable, CustomStringConvertible {
    /// What becomes of bytes and sizes of files.
    package enum Bytes: String, CaseIterable, Sendable {
        /// No byte and no size survives that was not synced.
        case nothing
        /// All bytes and sizes survive.
        case everything
        /// Each sector of each write survives or not, and so does each growth.
        case randomSectors
        /// One sector is lost and everything else survives.
        case allButOneSector
        /// One sector survives, with all sizes.
        case onlyOneSector
        /// Writes survive in order up to one of which some sectors survive, the last of them torn: it mixes old and new.
        case tornPrefix
        /// Files have grown, and what was added is zeros; sectors that lie within the old size survive.
        case grownAsZeros
        /// Files have not grown; sectors that lie within the old size survive.
        case notGrown
    }

    /// What becomes of names that were made, changed or removed.
    package enum Names: String, CaseIterable, Sendable {
        case kept
        case lost
        /// Each change survives or not; changes of the same file survive in order.
        case eachAtRandom
        /// All changes up to one survive, as in a journal. With torn bytes, both end at the same moment.
        case inOrder
    }

    package let bytes: Bytes
    package let names: Names

    package init(_ bytes: Bytes, names: Names) {
        self.bytes = bytes
        self.names = names
    }

    /// Every fate of bytes with every fate of names.
    package static let allCases = Bytes.allCases.flatMap { bytes in Names.allCases.map { Self(bytes, names: $0) } }

    /// Ten that have each fate at least once.
    package static let essential = [
        Self(.nothing, names: .lost), Self(.nothing, names: .kept), Self(.everything, names: .kept),
        Self(.everything, names: .lost), Self(.randomSectors, names: .eachAtRandom),
        Self(.allButOneSector, names: .kept), Self(.onlyOneSector, names: .kept),
        Self(.tornPrefix, names: .inOrder), Self(.grownAsZeros, names: .kept), Self(.notGrown, names: .eachAtRandom),
    ]

    package var description: String { "\(bytes.rawValue), names \(names.rawValue)" }
}
