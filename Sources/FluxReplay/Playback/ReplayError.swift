package import FluxFormat

/// Why a recording cannot be replayed.
package enum ReplayError: Error {
    /// Its events cannot be read.
    case unreadable(ExecutionID, cause: any Error)
    /// The payload of an event is not what its kind says.
    case damagedEvent(ExecutionID, index: UInt64, cause: FormatError)
    /// The pieces of an event do not follow each other.
    case brokenPieces(ExecutionID, index: UInt64)
    /// The payload of an event is sealed, and no key was given.
    case sealedEvent(ExecutionID, index: UInt64)
    /// The executions together hold more than a playback keeps in memory.
    case tooLarge(byteCountMax: Int)
}

extension ReplayError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .unreadable(let id, let cause): "execution \(id) cannot be read: \(cause)"
        case .damagedEvent(let id, let index, let cause): "event \(index) of execution \(id) is damaged: \(cause)"
        case .brokenPieces(let id, let index):
            "event \(index) of execution \(id) is damaged: its pieces do not follow each other"
        case .sealedEvent(let id, let index):
            "event \(index) of execution \(id) is sealed; playback needs recordings in clear"
        case .tooLarge(let byteCountMax):
            "the executions hold more than \(byteCountMax >> 20) MiB, which playback keeps in memory; give it fewer"
        }
    }
}
