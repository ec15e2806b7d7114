import FluxFiles
import FluxFormat
import FluxIndex
import FluxLog

/// What takes executions out of a store. Each call blocks on disks and on the store's threads, and comes after the one
/// before.
struct Lifecycle<Files: FileSystem>: Sendable {
    /// The store's directory.
    let path: String
    let files: Files
    let table: SegmentTable<Files>
    let published: PublishedLog
    let work: any LifecycleWork
    /// Who counts what tenants have; `nil` where nobody does.
    private let meter: TenantMeter?
    private let turn = Guarded(Turn())

    private struct Turn {
        var isTaken = false
        var isClosed = false
    }

    init(
        path: String, files: Files, table: SegmentTable<Files>, published: PublishedLog, work: any LifecycleWork,
        meter: TenantMeter? = nil
    ) {
        self.meter = meter
        self.path = path
        self.files = files
        self.table = table
        self.published = published
        self.work = work
    }

    /// Runs `body` while no other call does; throws `closed` behind ``close()``.
    func inTurn<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        try meanwhile { () throws(StoreError) in
            try checkIsOpen()
            return try body()
        }
    }

    /// Runs `body` while nothing is taken out by a call of this process.
    func meanwhile<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        _ = turn.wait { turn -> Bool? in
            guard !turn.isTaken else { return nil }
            turn.isTaken = true
            return true
        }
        defer {
            turn.withLock { $0.isTaken = false }
            turn.signal()
        }
        return try body()
    }

    /// Throws once ``close()`` was called: what takes long ends between two steps.
    func checkIsOpen() throws(StoreError) {
        guard !turn.withLock(\.isClosed) else {
            throw StoreError(.closed, "\(path): was closed meanwhile; what is done is done, open it again for the rest")
        }
    }

    /// Lets no call begin, and waits for the one that runs.
    func close() {
        turn.withLock { $0.isClosed = true }
        _ = turn.wait { $0.isTaken ? nil : true }
    }

    /// The segments as they lie on the disk.
    func directory() throws(StoreError) -> LogDirectory<Files> {
        do throws(LogError) {
            let directory = try LogDirectory(path, files: files, access: .read)
            if let damage = directory.damage.first { throw damage }
            return directory
        } catch {
            throw StoreError(error)
        }
    }
}

extension Lifecycle {
    /// Drops the segments that a policy does not keep.
    ///
    /// In this order, so that a crash in between leaves what the next opening ends: HEAD says where the log begins, then the
    /// rows of the index go, then the writer forgets what it knew, then the files are removed.
    func retain(_ policy: RetentionPolicy, now: UInt64, isDryRun: Bool) throws(StoreError) -> RetentionReport {
        let directory = try directory()
        let segments = directory.segments
        let plan = RetentionPlan(
            segments.enumerated().map { place, segment in
                RetentionPlan.Segment(segment, next: place + 1 < segments.count ? segments[place + 1] : nil)
            }, policy: policy, now: now)
        var report = RetentionReport()
        report.segments = plan.dropped.count
        report.byteCount = plan.dropped.reduce(0) { $0 + $1.byteCount }
        report.keptByteCount = plan.keptByteCount
        guard !plan.dropped.isEmpty else { return report }
        let kept = segments[plan.dropped.count]
        let start = LogStart(segment: kept.name.segment, sequence: kept.header.firstFrameSequence)
        if isDryRun {
            report.executions = try expiring(below: start.sequence)
            return report
        }
        try work.commit(.drop(before: start))
        report.executions = try expire(below: start.sequence)
        published.noteExpired()
        try work.commit(.forgetExecutions)
        do throws(LogError) {
            report.heldFiles = try table.retire(segments.prefix(plan.dropped.count).map(\.name))
        } catch {
            throw StoreError(error)
        }
        return report
    }

    private func expire(below sequence: UInt64) throws(StoreError) -> Int {
        let count = Guarded(0)
        try work.index { (index) throws(IndexError) in
            let expire = { () throws(IndexError) -> Int in try index.expire(below: sequence) }
            let removed = if let meter { try meter.takingBack(from: index, expire) } else { try expire() }
            count.withLock { $0 = removed }
        }
        return count.withLock(\.self)
    }

    private func expiring(below sequence: UInt64) throws(StoreError) -> Int {
        let count = Guarded(0)
        try work.index { (index) throws(IndexError) in
            let found = try index.count(below: sequence)
            count.withLock { $0 = found }
        }
        return count.withLock(\.self)
    }
}
