/// What a tenant may store.
public struct TenantQuota: Sendable, Equatable {
    /// Bytes of its frames in the log, of executions that were neither deleted nor dropped; `nil` for any number.
    public var storedByteCountMax: UInt64?
    /// Bytes of frames that it may append in a second, on average; `nil` for any number. A second's worth may come at once,
    /// and a larger batch alone.
    public var byteCountPerSecondMax: UInt64?

    /// Makes a quota.
    public init(storedByteCountMax: UInt64? = nil, byteCountPerSecondMax: UInt64? = nil) {
        self.storedByteCountMax = storedByteCountMax
        self.byteCountPerSecondMax = byteCountPerSecondMax
    }
}
