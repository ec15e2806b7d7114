import CFluxSystem

/// XXH3 with 128 bits and seed 0 over bytes that come in parts, as of a file that is larger than memory.
@safe
package struct XXH3Stream: ~Copyable {
    private let state: UnsafeMutableRawPointer

    /// Begins with no bytes. Traps where there is no memory for some hundred bytes.
    package init() {
        guard let state = unsafe flux_xxh3_128_begin() else { preconditionFailure("no memory for the state of a hash") }
        unsafe self.state = state
    }

    deinit { unsafe flux_xxh3_128_end(state) }

    /// Adds bytes behind those before.
    package mutating func add(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe flux_xxh3_128_add(state, $0.baseAddress, $0.count) }
    }

    /// The hash of all bytes so far.
    package var value: (high: UInt64, low: UInt64) {
        var high: UInt64 = 0
        let low = unsafe flux_xxh3_128_value(state, &high)
        return (high, low)
    }

    /// The hash as 32 hexadecimal digits, as xxhsum prints it.
    package var digits: String {
        let (high, low) = value
        return [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
