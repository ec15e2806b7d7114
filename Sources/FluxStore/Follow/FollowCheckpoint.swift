import FluxFormat

/// A place in a store's log behind a batch, from which ``EventStore/follow(from:)`` goes on: safe to keep outside of the
/// store, and to lose.
///
/// It names a frame by its sequence, which survives whatever moves frames, and proves it by the frame's hash, which covers
/// all of the log before it: a log that was cut, or is another one, is told from the one that was followed.
///
/// As text, and so as JSON, it is `STORE.SEQUENCE.EPOCH.HASH`: a UUID, two decimal numbers, 16 hexadecimal digits.
public struct FollowCheckpoint: Hashable, Sendable {
    let storeID: StoreID
    /// The sequence of the last frame before the place; 0 at the start of the log.
    public let frameSequence: UInt64
    /// Which opening for writing began the segment of that frame.
    public let writerEpoch: UInt32
    /// The hash of that frame's header.
    let frameHash: UInt64

    init(storeID: StoreID, frameSequence: UInt64, writerEpoch: UInt32, frameHash: UInt64) {
        self.storeID = storeID
        self.frameSequence = frameSequence
        self.writerEpoch = writerEpoch
        self.frameHash = frameHash
    }

    /// The start of a log.
    init(startOf storeID: StoreID) {
        self.init(storeID: storeID, frameSequence: 0, writerEpoch: 0, frameHash: 0)
    }
}

extension FollowCheckpoint: LosslessStringConvertible {
    /// Reads the text of a checkpoint; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let id = ExecutionID(String(parts[0])), let sequence = UInt64(parts[1]),
            let epoch = UInt32(parts[2]), let hash = UInt64(parts[3], radix: 16)
        else { return nil }
        self.init(
            storeID: StoreID(high: id.high, low: id.low), frameSequence: sequence, writerEpoch: epoch, frameHash: hash)
        // Other spellings of the same numbers are none of ours.
        guard description == text else { return nil }
    }

    /// `STORE.SEQUENCE.EPOCH.HASH`.
    public var description: String {
        let digits = String(frameHash, radix: 16)
        return "\(storeID).\(frameSequence).\(writerEpoch)." + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension FollowCheckpoint: Codable {
    /// Reads the text of a checkpoint; throws `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let checkpoint = FollowCheckpoint(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no checkpoint of a store")
        }
        self = checkpoint
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
