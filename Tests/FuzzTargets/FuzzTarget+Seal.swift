import FluxFiles
import FluxFormat
import FluxLog
import SimulatedDisk

extension FuzzTarget {
    /// A seal and its trailer, made of sections as they are given, or the frames themselves.
    static let seal = FuzzTarget("seal") { input in
        let choice = input.byte()
        var bytes = Stamp.header.encoded
        bytes += choice & 0x80 == 0 ? sections(&input) : input.rest()
        let trailer = SegmentTrailer(
            sealPosition: Position(segment: 1, offset: SegmentHeader.byteCount), frameCount: 1, executionCount: 1,
            firstFrameSequence: 1, lastFrameHash: 0, wallFirst: 0, wallLast: 0)
        if choice & 0x80 == 0 { bytes += trailer.encoded(segmentSalt: Stamp.segmentSalt) }
        var link = Stamp.Link()
        Stamp.frames(&bytes, from: SegmentHeader.byteCount, segment: 1, .chain, &link)
        let disk = SimulatedDisk(directories: ["store/seg"])
        disk.isTraced = false
        let name = SegmentName(segment: 1)
        disk.put(bytes, at: "store/seg/\(name.fileName)")
        let segment = try SegmentFile(opening: name, in: "store/seg", files: disk.fileSystem, access: .read)
        guard let trailer = segment.trailer else { return }
        try holdTrailer(trailer, bytes)
        guard
            let seal = try? SegmentSeal(
                reading: segment.file, segment: segment.header, trailer: trailer, end: segment.framesEnd)
        else { return }
        try holdSeal(seal, of: segment.header)
    }

    /// Frames of `{u8 section, u8 part, u16 length, bytes}`, stored as they are.
    private static func sections(_ input: inout FuzzInput) -> [UInt8] {
        var bytes: [UInt8] = []
        while !input.isAtEnd {
            let section = UInt16(input.byte())
            let part = UInt32(input.byte())
            var content = input.take(Int(input.byte()) | Int(input.byte()) << 8)
            let header = FrameHeader(
                kind: .seal, codec: 0, flags: [.batchFirst, .batchLast], storedByteCount: UInt32(content.count),
                rawByteCount: UInt32(content.count), executionID: .none, firstEvent: part, eventCount: section,
                payloadHash: 0)
            content.padToWord()
            bytes += header.encoded(at: .zero, segmentSalt: 0).bytes + content
        }
        return bytes
    }

    private static func holdTrailer(_ trailer: SegmentTrailer, _ bytes: [UInt8]) throws {
        try hold(
            trailer.encoded(segmentSalt: Stamp.segmentSalt) == Array(bytes.suffix(64)),
            "a trailer is written otherwise than it was read")
    }

    private static func holdSeal(_ seal: SegmentSeal, of header: SegmentHeader) throws {
        for frame in seal.frames {
            var written: [UInt8] = []
            frame.append(to: &written)
            try hold(SealedFrame(loading: written.rawSpan, at: 0) == frame, "a frame of a seal differs when written")
            _ = FrameHeader(frame, executionID: .none, firstFrameSequence: header.firstFrameSequence)
        }
        for execution in seal.executions {
            var written: [UInt8] = []
            execution.append(to: &written)
            try hold(
                SealedExecution(loading: written.rawSpan, at: 0) == execution, "an execution differs when written")
            _ = seal.filter.mayContain(execution.id)
        }
        for record in seal.records {
            var written: [UInt8] = []
            record.append(to: &written)
            var offset = 0
            try hold(
                try SealedRecord(parsing: written.rawSpan, at: &offset) == record && offset == written.count,
                "a record of a seal differs when written")
            _ = try? ExecutionMetadata(parsing: record.bytes.rawSpan)
        }
        let filter = try BloomFilter(parsing: seal.filter.encoded.rawSpan)
        try hold(filter == seal.filter, "a filter differs when written")
    }
}
