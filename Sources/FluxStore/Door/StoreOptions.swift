public import FluxFormat
public import Logging

/// How a store is opened.
public struct StoreOptions: Sendable {
    /// What may be done with the store.
    public enum Access: Sendable {
        /// One process at a time. Makes the store where there is none.
        case readWrite
        /// Any number of processes, also beside a writer, of which they are at most a second behind; changes nothing of the
        /// log.
        case readOnly
    }

    /// What may be done with the store.
    public var access: Access
    /// Bytes of a segment after which the next begins, 16 KiB to 1 GiB. Smaller segments can be dropped earlier.
    public var segmentByteCountMax: Int
    /// Raw bytes of a frame after which the next begins, 4 KiB to 1 MiB.
    public var frameByteCountTarget: Int

    /// Bytes of batches that may wait for the disk; more make the caller wait. A single batch is always taken.
    public var queueByteCountMax: Int
    /// Time for which a caller waits for room in that queue before its append throws `overloaded`.
    public var queueTimeout: Duration

    /// Whether events of sealed segments are read where the system has them in its memory, without a copy. A payload that is
    /// stored as it is, as one that was encrypted, is then lent from there.
    ///
    /// Where the disk fails, or a segment was cut, reading throws as it does without. What cannot be caught is a page that goes
    /// between the verification of an event and its use, since someone cuts the file off then, or since the system drops it and
    /// cannot read it again: that ends the process. So this is for disks of this machine that nobody unplugs, and for segments
    /// that nobody but the store touches; files of a network are read as usual. Needs Linux 5.14.
    public var mapsSealedSegments = false

    /// What tenants may store. Held against each append of this store; not stored. Appends throw `quotaExceeded`.
    public var tenantQuotas: [UInt32: TenantQuota] = [:]
    /// The quota of each tenant that ``tenantQuotas`` does not name; `nil` for none.
    public var otherTenantsQuota: TenantQuota?

    /// Where the keys of executions are kept, so that deleting an execution destroys its key; `nil` where there are none.
    public var keyStore: (any ExecutionKeyStore)?

    /// Where the store tells what happens in it, see <doc:Metrics>. The default tells no one.
    public var logger: Logger
    /// The dimension `store` of the store's metrics, for a process with several; without a name there is none.
    public var metricsName: String?
    /// Time after which a sync or a roll that still runs is reported, 1 ms to an hour.
    public var slowSyncThreshold: Duration

    /// Makes options; values out of range are brought to its ends.
    public init(
        access: Access = .readWrite, segmentByteCountMax: Int = 128 << 20,
        frameByteCountTarget: Int = FormatLimit.frameByteCountTarget, queueByteCountMax: Int = 64 << 20,
        queueTimeout: Duration = .seconds(30), logger: Logger = StoreOptions.silentLogger,
        metricsName: String? = nil, slowSyncThreshold: Duration = .seconds(1)
    ) {
        self.logger = logger
        self.metricsName = metricsName
        self.slowSyncThreshold = Self.inRange(slowSyncThreshold)
        self.queueByteCountMax = max(queueByteCountMax, 0)
        self.queueTimeout = queueTimeout
        self.access = access
        self.segmentByteCountMax = min(max(segmentByteCountMax, 16 << 10), 1 << 30)
        self.frameByteCountTarget = min(max(frameByteCountTarget, 4 << 10), FormatLimit.frameByteCountMax)
    }
}

extension StoreOptions {
    /// A logger that tells no one: a library that lives in another program writes nowhere unasked.
    public static var silentLogger: Logger { Logger(label: "fluxrun.store") { _ in SwiftLogNoOpLogHandler() } }

    /// ``slowSyncThreshold`` as the watch takes it, whatever was set.
    var slowSyncNanoseconds: UInt64 {
        let (seconds, attoseconds) = Self.inRange(slowSyncThreshold).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    private static func inRange(_ threshold: Duration) -> Duration {
        min(max(threshold, .milliseconds(1)), .seconds(3600))
    }
}
