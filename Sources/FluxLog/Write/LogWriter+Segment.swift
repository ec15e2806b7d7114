import FluxFiles
import FluxFormat

extension LogWriter {
    /// The directory of the segments.
    var segmentDirectory: String { "\(path)/\(SegmentName.directory)" }

    /// Begins the next segment, in the file that was made for it where it is ready.
    func beginSegment() throws(LogError) {
        guard chain.nextSegment <= FormatLimit.segmentMax else {
            throw .broken(path: segmentDirectory, reason: "has no numbers left for another segment")
        }
        var header = SegmentHeader(
            storeID: storeID, segment: chain.nextSegment, segmentSalt: options.random(), storeSalt: storeSalt,
            previousEnd: chain.previousEnd, previousLastFrameHash: chain.lastFrameHash,
            firstFrameSequence: chain.nextFrameSequence, createdAt: now(), writerEpoch: writerEpoch)
        if hasTombstones { header.readerFeatures = SegmentHeader.tombstonesFeature }
        let spare = background.takeSpare(header.segment)
        do throws(IOError) {
            let file: Files.File
            if let spare {
                file = spare.file
            } else {
                // A file of this name has no frames: its roll failed before its header was durable, or it is begun anew.
                let name = SegmentName(segment: header.segment).fileName
                file = try files.open("\(segmentDirectory)/\(name)", .createIfMissing)
                try file.truncate(to: 0)
            }
            try file.write(header.encoded, at: 0)
            try file.sync()
            if spare == nil { try files.syncDirectory(segmentDirectory) }
            resume(
                ActiveSegment(
                    file: file, header: header,
                    allocatedByteCount: spare?.allocatedByteCount ?? SegmentHeader.byteCount))
        } catch {
            if let spare { background.putBack(spare) }
            guard error.isNoSpace else {
                poison = "\(error)"
                throw .io(error)
            }
            background.releaseBallast()
            throw .noSpace(path: error.path)
        }
        if spare != nil { background.name(header.segment) }
        if let head { background.write(headContent(.open), to: head) }
    }

    /// Puts right what the opening found, unless that is done.
    func finishRepair() throws(LogError) {
        guard var repair else { return }
        do throws(LogError) {
            try repair.run(on: self)
        } catch {
            // What is done of it stays done.
            self.repair = repair
            // A failed sync must not be tried again, here neither.
            if case .io(let cause) = error { poison = "\(cause)" }
            throw error
        }
        self.repair = nil
    }
}
