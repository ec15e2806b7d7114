import Glibc

extension [UInt8] {
    /// Makes the array this long: cuts it, or adds zeros. Fast without optimization too, where a loop over bytes is not.
    mutating func resize(to byteCount: Int) {
        let missing = byteCount - count
        if missing < 0 { removeLast(-missing) }
        guard missing > 0 else { return }
        append(
            contentsOf: [UInt8](unsafeUninitializedCapacity: missing) { buffer, initializedCount in
                if let start = buffer.baseAddress { memset(start, 0, missing) }
                initializedCount = missing
            })
    }
}
