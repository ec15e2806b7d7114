/// What executions are grouped by.
public enum ExecutionGrouping: String, Sendable, CaseIterable {
    /// By the app.
    case app
    /// By the route.
    case route
    /// By the recorded function, or the name of an imported recording.
    case name
    /// By the status, spelled as its case.
    case status
    /// By what recorded it.
    case source
    /// By the fingerprint of the error; executions without one are in no group.
    case errorFingerprint
}

/// Executions that have something in common.
public struct ExecutionGroup: Sendable, Equatable {
    /// What they have in common, as text.
    public var value: String
    /// How many there are.
    public var count: UInt64
    /// The earliest start, nanoseconds since 1970; `nil` where none has a time.
    public var firstStartedAt: UInt64?
    /// The latest start, nanoseconds since 1970; `nil` where none has a time.
    public var lastStartedAt: UInt64?
    /// The newest of them, as lists order them.
    public var sampleID: ExecutionID

    /// Makes a group.
    public init(
        value: String, count: UInt64, firstStartedAt: UInt64?, lastStartedAt: UInt64?, sampleID: ExecutionID
    ) {
        self.value = value
        self.count = count
        self.firstStartedAt = firstStartedAt
        self.lastStartedAt = lastStartedAt
        self.sampleID = sampleID
    }
}

/// The order of groups.
public enum ExecutionGroupOrder: Sendable {
    /// The largest first.
    case count
    /// The one with the newest execution first.
    case lastSeen
}

/// The groups that came first, and what there is besides.
public struct ExecutionGroups: Sendable, Equatable {
    /// The groups, at most as many as were asked for.
    public var groups: [ExecutionGroup]
    /// The number of all groups.
    public var groupCount: Int
    /// The number of executions in all groups.
    public var executionCount: UInt64

    /// Makes groups.
    public init(groups: [ExecutionGroup], groupCount: Int, executionCount: UInt64) {
        self.groups = groups
        self.groupCount = groupCount
        self.executionCount = executionCount
    }
}

/// How many executions started when.
public struct ExecutionHistogram: Sendable, Equatable {
    /// The executions that started within one stretch of time.
    public struct Bucket: Sendable, Equatable {
        /// The start of the stretch, nanoseconds since 1970.
        public var start: UInt64
        /// How many there are of each status; statuses of none are left out.
        public var counts: [ExecutionMetadata.Status: UInt64]

        /// Makes a bucket.
        public init(start: UInt64, counts: [ExecutionMetadata.Status: UInt64]) {
            self.start = start
            self.counts = counts
        }

        /// How many there are.
        public var count: UInt64 { counts.values.reduce(0, &+) }
    }

    /// Nanoseconds of each stretch.
    public var bucketNanoseconds: UInt64
    /// One behind the other, empty ones among them; none where nothing that has a time matches.
    public var buckets: [Bucket]

    /// Makes a histogram.
    public init(bucketNanoseconds: UInt64, buckets: [Bucket]) {
        self.bucketNanoseconds = bucketNanoseconds
        self.buckets = buckets
    }
}
