import Glibc

/// A call that fails because a test says so.
package struct Fault: Sendable {
    package enum Outcome: Sendable {
        /// Nothing is done.
        case error(Int32)
        /// A write leaves its first bytes; other calls do nothing.
        case shortWrite(byteCount: Int, Int32)
        /// A sync fails as a file system does. Other calls do nothing, and fail with `EIO`.
        case sync(SyncFailure)
    }

    /// Which calls it waits for.
    package var kinds: Set<Operation.Kind>
    /// Only calls whose path ends like this; `nil` for every path.
    package var pathSuffix: String?
    /// Calls of the kinds that still succeed.
    package var successCount: Int
    package var outcome: Outcome
    /// Whether the calls behind it fail as well.
    package var isLasting: Bool

    package init(
        _ kinds: Set<Operation.Kind>, after successCount: Int = 0, _ outcome: Outcome, on pathSuffix: String? = nil,
        isLasting: Bool = false
    ) {
        self.kinds = kinds
        self.successCount = successCount
        self.outcome = outcome
        self.pathSuffix = pathSuffix
        self.isLasting = isLasting
    }

    func matches(_ operation: Operation) -> Bool {
        guard kinds.contains(operation.kind) else { return false }
        return pathSuffix.map { operation.path.hasSuffix($0) } ?? true
    }
}

extension Fault.Outcome {
    /// The error that the call throws; 0 where it throws none.
    var number: Int32 {
        switch self {
        case .error(let number), .shortWrite(_, let number): number
        case .sync(.reportedLater), .sync(.lies): 0
        case .sync(.keepsNewContent), .sync(.restoresOldContent): EIO
        }
    }
}

/// How a sync fails, after what file systems were found to do.
///
/// A sync of a directory knows ``lies`` alone; as the others it fails with `EIO` and changes nothing.
package enum SyncFailure: Sendable, CaseIterable {
    /// Reports the error once. The pages are clean then, with the new content, and no later sync writes them.
    case keepsNewContent
    /// Reports the error once. The page cache falls back to what is durable.
    case restoresOldContent
    /// Succeeds, with the pages clean and nothing written; the next sync of the file reports the error, and does nothing.
    case reportedLater
    /// Succeeds and makes nothing durable. What was to be synced is lost or kept by a crash as if it had not been.
    case lies
}
