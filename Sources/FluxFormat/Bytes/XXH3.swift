import CFluxSystem

/// XXH3, the hash of the format (Yann Collet, xxhash.h): 64 bits for damage, 128 bits for content ids.
///
/// It is no protection against forgery.
package enum XXH3 {
    /// Hashes bytes with a seed.
    package static func hash(_ bytes: RawSpan, seed: UInt64) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe flux_xxh3_64($0.baseAddress, $0.count, seed) }
    }

    /// Hashes bytes to 128 bits, most significant half first.
    package static func hash128(_ bytes: RawSpan, seed: UInt64 = 0) -> (high: UInt64, low: UInt64) {
        var high: UInt64 = 0
        let low = unsafe bytes.withUnsafeBytes { unsafe flux_xxh3_128($0.baseAddress, $0.count, seed, &high) }
        return (high, low)
    }
}
