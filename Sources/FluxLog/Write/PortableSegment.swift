package import FluxFiles
package import FluxFormat

/// Writes batches into a sealed segment file of its own, without a store around it.
package struct PortableSegment<File: StoredFile>: ~Copyable {
    private let active: ActiveSegment<File>
    private var staging = StagingBuffer()
    private var previousFrame = Position.zero

    /// Begins an empty file with a header. The number of the segment is 1, and no segment is before it.
    package init(
        _ file: File, storeID: StoreID, storeSalt: UInt64, segmentSalt: UInt64, now: UInt64
    ) throws(LogError) {
        let header = SegmentHeader(
            storeID: storeID, segment: 1, segmentSalt: segmentSalt, storeSalt: storeSalt, previousEnd: .zero,
            previousLastFrameHash: 0, firstFrameSequence: 1, createdAt: now, writerEpoch: 1)
        do throws(IOError) {
            try file.write(header.encoded, at: 0)
        } catch {
            throw LogError(error)
        }
        active = ActiveSegment(file: file, header: header, allocatedByteCount: SegmentHeader.byteCount)
    }

    /// Adds a batch behind the others. Throws `tooLarge` where a segment has no room for it.
    package mutating func append(_ batch: EncodedBatch) throws(LogError) {
        let end = active.end + batch.byteCount + active.sealByteCount
        let limit = Int(UInt32.max)
        guard end <= limit else { throw .tooLarge(what: "a segment of one execution", byteCount: end, limit: limit) }
        var group = active.emptyGroup
        do throws(IOError) {
            try active.stage(
                batch.frames, in: &group, &staging, durableEnd: .zero,
                previousFrameOfExecution: previousFrame)
            try active.write(group, &staging, batches: [batch])
        } catch {
            throw LogError(error)
        }
        previousFrame = group.frames.last?.position ?? previousFrame
    }

    /// Writes seal and trailer, and makes the file durable; its name is durable once its directory is synced.
    package consuming func seal() throws(LogError) {
        do throws(SegmentWriteError) {
            _ = try active.writeSeal(&staging, durableEnd: .zero)
        } catch {
            switch error {
            case .write(let cause), .sync(let cause): throw LogError(cause)
            }
        }
    }
}
