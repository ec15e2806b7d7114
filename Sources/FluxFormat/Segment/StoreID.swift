/// The id of a store: sixteen random bytes that every segment and the index carry.
package struct StoreID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// An id of random bits, a UUID of version 4.
    package init(bits: (high: UInt64, low: UInt64)) {
        high = (bits.high & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        low = (bits.low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
    }

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(loading bytes: RawSpan, at offset: Int) {
        let id = ExecutionID(loading: bytes, at: offset)
        self.init(high: id.high, low: id.low)
    }

    /// The sixteen bytes as stored.
    package var bytes: [UInt8] { ExecutionID(high: high, low: low).bytes }
}

extension StoreID: CustomStringConvertible {
    /// The id as a UUID.
    package var description: String { ExecutionID(high: high, low: low).description }
}
