/// Numbers that bound what the index keeps and hands out.
package enum IndexLimit {
    /// Rows of the largest page; a larger limit is cut to this.
    package static let pageRowCountMax = 10_000
    /// Bytes of a page of the database.
    package static let pageByteCount = 4096
    /// Texts of which the numbers are kept in memory, in each direction.
    package static let cachedTextCountMax = 4096
    /// Facets that are kept in memory.
    package static let cachedFacetCountMax = 16 << 10
    /// Facets of the most that a list merges; behind that it walks over all starts.
    package static let mergedFacetCountMax = 1024
    /// Buckets of the longest histogram.
    package static let bucketCountMax = 10_000
    /// Milliseconds that are waited for the lock of another connection.
    package static let busyTimeoutMilliseconds = 5000
    /// KiB of pages in memory of the connection that writes.
    package static let writerCacheKibibytes = 32 << 10
    /// KiB of pages in memory of a connection that only reads.
    package static let readerCacheKibibytes = 8 << 10
}
