package import FluxFiles
package import FluxFormat

/// What can go wrong with the log.
package enum LogError: Error, Equatable, Sendable {
    case io(IOError)
    /// Bytes at a place of a file do not verify.
    case damaged(path: String, offset: Int, FormatError)
    /// Bytes at a place of a file do not verify, though the log was synced up to another.
    case lost(path: String, offset: Int, promisedEnd: Position, FormatError)
    /// A file is missing, or does not belong where it lies.
    case broken(path: String, reason: String)
    /// A file was given up: retention dropped the segment, or it was written anew.
    case expired(path: String, reason: String)
    /// A file cannot be read by this version.
    case unsupported(path: String, FormatError)
    /// What was to be stored is over a limit.
    case tooLarge(what: String, byteCount: Int, limit: Int)
    /// What was to be stored is none; nothing of it is stored.
    case invalid(String)
    /// No room on the disk; what was to be stored is not, all else is.
    case noSpace(path: String)
    /// A write or a sync failed before: nothing more is written.
    case poisoned(reason: String)
}

extension LogError {
    /// Whether a file was not there any more.
    package var isGone: Bool {
        switch self {
        case .expired: true
        case .io(let error): error.isMissing
        default: false
        }
    }
}

extension LogError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .io(let error): "\(error)"
        case .damaged(let path, let offset, let error): "\(path): damaged at byte \(offset): \(error)"
        case .lost(let path, let offset, let promisedEnd, let error):
            "\(path): damaged from byte \(offset) on: \(error); the log was stored durably up to \(promisedEnd)"
        case .broken(let path, let reason), .expired(let path, let reason): "\(path): \(reason)"
        case .unsupported(let path, let error): "\(path): \(error)"
        case .tooLarge(let what, let byteCount, let limit): "\(what) has \(byteCount) bytes, the limit is \(limit)"
        case .invalid(let reason): reason
        case .noSpace(let path): "\(path): no space left on the disk; free some and try again"
        case .poisoned(let reason): "no more is written since a write failed (\(reason)); open the store again"
        }
    }
}
