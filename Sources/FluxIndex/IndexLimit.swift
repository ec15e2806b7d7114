/// Numbers that bound what the index keeps and hands out.
package enum IndexLimit {
    /// Rows of the largest page; a larger limit is cut to this.
    package static let pageRowCountMax = 10_000
    /// Bytes of a page of the database.
    package static let pageByteCount = 4096
    /// Texts of which the numbers are kept in memory, in each direction.
    package static let cachedTextCountMax = 4096
    /// Milliseconds that are waited for the lock of another connection.
    package static let busyTimeoutMilliseconds = 5000
    /// KiB of pages in memory of the connection that writes.
    package static let writerCacheKibibytes = 32 << 10
    /// KiB of pages in memory of a connection that only reads.
    package static let readerCacheKibibytes = 2 << 10
}
