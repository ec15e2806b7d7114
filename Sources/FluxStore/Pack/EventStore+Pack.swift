import FluxFiles
public import FluxFormat
import FluxIndex
import FluxLog

/// What ``EventStore/pack(_:to:)`` wrote, or ``EventStore/unpack(_:)`` read.
public struct PackReport: Sendable, Equatable {
    /// The execution.
    public let id: ExecutionID
    /// Its events in the file.
    public let eventCount: UInt64
    /// Bytes of the file.
    public let byteCount: UInt64
    /// Whether the execution has ended: it takes no more events.
    public let isFinished: Bool
    /// Whether the store had all of it before, so that nothing was stored; `false` behind packing.
    public let isDuplicate: Bool
}

extension EventStore {
    /// Writes one execution into a file that verifies on its own, and that ``unpack(_:)`` of any store takes.
    ///
    /// Events, metadata and the compressed bytes are those of the store. Of an execution that still runs it has what is
    /// durable. The file is a sealed segment with the suffix `.rpx`; it is there whole or not at all. Throws `exists` where
    /// the path is taken, `noExecution`, `damaged` where frames do not verify, `noSpace` and `io`.
    @discardableResult
    public func pack(_ id: ExecutionID, to path: String) async throws(StoreError) -> PackReport {
        // Before the look-up: what it finds stays until all is copied.
        let held = table.held()
        guard let locations = try view.execution(of: id)?.frames, !locations.isEmpty else {
            throw StoreError(.noExecution, "\(self.path): there is no execution \(id)")
        }
        let target = try Paths.resolved(path)
        return try await OwnedThread.run(name: "flux-pack") { () throws(StoreError) in
            guard try storeCall({ () throws(IOError) in try self.files.kind(of: target) }) == nil else {
                throw StoreError(.exists, "\(path): is there already; give a name that is free")
            }
            // What an earlier try left is written anew.
            let part = target + BackupFiles<PosixFileSystem>.partSuffix
            let file = try storeCall { () throws(IOError) in
                try self.files.remove(part)
                return try self.files.open(part, .create)
            }
            do throws(LogError) {
                try self.writePack(of: id, locations, in: held, to: file)
            } catch {
                // Half of one would only take room.
                try? self.files.remove(part)
                throw StoreError(error)
            }
            try storeCall { () throws(IOError) in
                try self.files.rename(part, to: target)
                try self.files.syncDirectory(Paths.parent(of: target))
            }
            return try PackedExecution(of: target).report(isDuplicate: false)
        }
    }

    private func writePack(
        of id: ExecutionID, _ locations: [FrameLocation], in table: SegmentTable<PosixFileSystem>, to file: PosixFile
    ) throws(LogError) {
        let storeSalt = try table.segment(holding: locations[0]).header.storeSalt
        var generator = SystemRandomNumberGenerator()
        var pack = try PortableSegment(
            file, storeID: followView.storeID, storeSalt: storeSalt, segmentSalt: generator.next(), now: WallClock.now()
        )
        var loader = FrameLoader()
        var batch: [ScannedFrame] = []
        for location in locations {
            let segment = try table.segment(holding: location)
            let header = try loader.load(
                segment.file, segment: segment.header, at: location.position, byteCount: location.byteCount)
            guard header.executionID == id, header.headerHash == location.headerHash else {
                throw .broken(path: segment.file.path, reason: "has another frame at \(location.position)")
            }
            batch.append(ScannedFrame(header: header, position: location.position))
            guard header.flags.contains(.batchLast) else { continue }
            try pack.append(EncodedBatch(copying: batch, from: segment, storeSalt: storeSalt))
            batch.removeAll(keepingCapacity: true)
        }
        try pack.seal()
    }

    /// Stores the execution of a file that ``pack(_:to:)`` wrote; durable when this returns.
    ///
    /// All of the file is verified before anything is stored. Of what the store has already, nothing is stored again; an
    /// execution of the same id with other events throws `conflict`, with nothing stored. Throws `invalid` for a file of
    /// something else, `unsupported`, `damaged` with the place in the file, and as ``append(_:durability:)-(Execution,_)``.
    @discardableResult
    public func unpack(_ path: String) async throws(StoreError) -> PackReport {
        let writing = try writer
        let packed = try await OwnedThread.run(name: "flux-pack") { () throws(StoreError) in
            let packed = try PackedExecution(of: path)
            try self.compare(packed)
            return packed
        }
        var isDuplicate = true
        try await packed.forEachBatch(storeSalt: storeSalt) { (batch) throws(StoreError) in
            let receipt = try await append(batch, durability: .durable, to: writing, otherwise: .conflict)
            isDuplicate = isDuplicate && receipt.isDuplicate
        }
        return packed.report(isDuplicate: isDuplicate)
    }

    /// Throws `conflict` where the store has the execution with other events than the file, as far as both go.
    private func compare(_ packed: PackedExecution) throws(StoreError) {
        guard let stored = try view.execution(of: packed.id), !stored.frames.isEmpty else { return }
        let path = packed.segment.file.path
        var cursor = self.cursor(over: stored.frames, of: packed.id)
        var assembler = EventAssembler()
        try packed.forEachEvent { (index, event) throws(StoreError) in
            while let view = try cursor.next() {
                guard let whole = assembler.add(view) else { continue }
                guard whole.event == event else {
                    throw StoreError(
                        .conflict,
                        "\(path): execution \(packed.id) is stored with another event \(index); nothing was stored")
                }
                return true
            }
            return false
        }
        if packed.isFinished, stored.isFinished, packed.metadata != stored.summary.metadata {
            throw StoreError(
                .conflict, "\(path): execution \(packed.id) is stored with other metadata; nothing was stored")
        }
    }
}

extension PackedExecution {
    fileprivate func report(isDuplicate: Bool) -> PackReport {
        PackReport(
            id: id, eventCount: eventCount, byteCount: UInt64(segment.byteCount), isFinished: isFinished,
            isDuplicate: isDuplicate)
    }
}

extension SegmentTable {
    /// The file that a frame lies in.
    fileprivate func segment(holding location: FrameLocation) throws(LogError) -> SegmentFile<Files.File> {
        try segment(SegmentName(segment: location.position.segment, generation: UInt32(location.generation)))
    }
}
