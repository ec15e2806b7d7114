/// How a group of batches is cut short for a small one.
extension ArraySlice<Submission> {
    /// Bytes of a batch that counts as small, and bytes that it is made to wait for.
    private static var smallByteCountMax: Int { 512 << 10 }

    /// How many of these batches make a group: all, unless the first is small and no other asks for a sync. Then it waits
    /// for 512 KiB of others at most: they would win nothing by its sync, and it would pay for their bytes.
    var fairCount: Int {
        guard let first, first.byteCount <= Self.smallByteCountMax else { return count }
        var byteCount = 0
        guard
            let end = dropFirst().firstIndex(where: { other in
                byteCount += other.byteCount
                return byteCount > Self.smallByteCountMax
            }),
            !dropFirst().contains(where: { $0.durability == .durable })
        else { return count }
        return end - startIndex
    }
}
