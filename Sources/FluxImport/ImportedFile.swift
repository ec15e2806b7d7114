package import FluxFormat

/// The kind of a recording: the `source` of its executions, and a line of the import's report.
package struct RecordingKind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name, as in `vcr-ruby`.
    package let rawValue: String

    /// Makes a kind from its name.
    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The name.
    package var description: String { rawValue }
}

/// What was read from one file.
package struct ImportedFile: Sendable {
    /// The kind of all its recordings.
    package let kind: RecordingKind
    /// The executions, in file order; those without an interaction are left out.
    package let executions: [Execution]
    /// Recordings of the file that could not be read, each with its reason.
    package let failures: [ImportError]
    /// What the file holds besides HTTP, passed over.
    package let skipped: [SkippedItems]

    /// The number of interactions of all executions.
    package var interactionCount: Int { executions.reduce(0) { $0 + $1.events.count } }

    /// The number of items that are not HTTP.
    package var skippedCount: Int { skipped.reduce(0) { $0 + $1.count } }
}

/// Items of a recording that are no HTTP interactions.
package struct SkippedItems: Sendable, Equatable, CustomStringConvertible {
    /// The protocol, as in `gRPC`.
    package let name: String
    /// How many there are.
    package let count: Int

    /// One phrase for a person.
    package var description: String { "\(count) × \(name), not HTTP" }
}
