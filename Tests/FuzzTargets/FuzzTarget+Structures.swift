import FluxFormat
import FluxLog

extension FuzzTarget {
    /// The header of a segment.
    static let segmentHeader = FuzzTarget("segment-header") { input in
        let level = input.stampLevel()
        var bytes = input.take(SegmentHeader.byteCount)
        if level != .none {
            bytes += [UInt8](repeating: 0, count: SegmentHeader.byteCount - bytes.count)
            bytes.store(Stamp.hash(bytes, 0..<4088, seed: 0), at: 4088)
        }
        guard let header = try? SegmentHeader(parsing: bytes.rawSpan) else { return }
        let written = header.encoded
        // The minor version, free features and zeros are not looked at.
        for range in [0..<10, 12..<96, 104..<114] {
            try hold(written[range] == bytes[range], "a header is written otherwise than it was read, in \(range)")
        }
        try hold(try SegmentHeader(parsing: written.rawSpan) == header, "a header is not read as it was written")
    }

    /// The three slots of HEAD, one behind the other.
    static let head = FuzzTarget("head") { input in
        let level = input.stampLevel()
        let slots = try (0..<HeadSlot.count).map { number -> HeadSlot? in
            var bytes = input.take(HeadSlot.byteCount)
            if level != .none, bytes.count == HeadSlot.byteCount {
                bytes.store(Stamp.hash(bytes, 0..<120, seed: 0), at: 120)
            }
            guard let slot = try? HeadSlot(parsing: bytes.rawSpan, slot: number) else { return nil }
            let written = slot.encoded(inSlot: number)
            for range in [0..<10, 12..<73] {
                try hold(written[range] == bytes[range], "a slot is written otherwise than it was read, in \(range)")
            }
            try hold(try HeadSlot(parsing: written.rawSpan, slot: number) == slot, "a slot is not read as written")
            return slot
        }
        let head = LogHead(slots)
        try hold((head == nil) == slots.allSatisfy { $0 == nil }, "a slot that verifies says nothing")
        guard let head else { return }
        for case let slot? in slots where slot.storeID == head.storeID {
            try hold(slot.durableEnd <= head.durableEnd, "a slot says more than all together")
        }
    }

    /// An LZ4 block, with the length that it is said to have.
    static let lz4 = FuzzTarget("lz4") { input in
        let byteCount = input.number32() & 0xF_FFFF
        let block = input.rest()
        let (target, failure) = decompress(block, byteCount: byteCount)
        if failure == nil, let compressed = LZ4.compressed(target) {
            let (again, failure) = decompress(compressed, byteCount: byteCount)
            try hold(failure == nil && again == target, "a block does not come back")
        }
        if let compressed = LZ4.compressed(block) {
            let (again, failure) = decompress(compressed, byteCount: block.count)
            try hold(failure == nil && again == block, "bytes do not come back")
            try hold(decompress(compressed, byteCount: block.count + 1).1 != nil, "a block has two lengths")
        }
    }

    private static func decompress(_ block: [UInt8], byteCount: Int) -> ([UInt8], FormatError?) {
        var target = [UInt8](repeating: 0, count: byteCount)
        var failure: FormatError?
        target.withUnsafeMutableBytes { target in
            do throws(FormatError) {
                try LZ4.decompress(block.rawSpan, into: target)
            } catch {
                failure = error
            }
        }
        return (target, failure)
    }

    /// The fields of META, a descriptor, a payload of parts, or one of HTTP.
    static let metadata = FuzzTarget("metadata") { input in
        let choice = input.byte() % 4
        let bytes = input.rest()
        switch choice {
        case 0:
            guard let metadata = try? ExecutionMetadata(parsing: bytes.rawSpan) else { return }
            let written = metadata.encoded
            let read = try ExecutionMetadata(parsing: written.rawSpan)
            try hold(read == metadata && read.encoded == written, "META is not read as it was written")
        case 1:
            guard let descriptor = try? EventDescriptor(parsing: bytes.rawSpan) else { return }
            let written = descriptor.encoded
            try hold(written[..<48] == bytes[..<48], "a descriptor is written otherwise than it was read")
            try hold(try EventDescriptor(parsing: written.rawSpan) == descriptor, "a descriptor is not read as written")
        case 2:
            guard let parts = try? parts(of: bytes) else { return }
            let written = PayloadPart.payload(of: parts)
            try hold(try Self.parts(of: written) == parts, "parts are not read as they were written")
        default:
            guard let exchange = try? HTTPExchange(payload: bytes.rawSpan) else { return }
            let event = exchange.event(sequence: 1)
            let read = try HTTPExchange(payload: event.payload.rawSpan)
            try hold(read == exchange, "an exchange is not read as it was written")
            _ = try EventDescriptor(parsing: event.descriptor.rawSpan)
        }
    }

    private static func parts(of bytes: [UInt8]) throws(FormatError) -> [PayloadPart] {
        var parts: [PayloadPart] = []
        var reader = try PayloadPartReader(bytes.rawSpan)
        while let part = try reader.next() {
            parts.append(
                PayloadPart(role: part.role, encoding: part.encoding, flags: part.flags, bytes: part.bytes.array))
        }
        return parts
    }
}

extension LZ4 {
    /// Bytes as a block of their own; `nil` where compressing saves too little.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: bytes.count)
        let count = block.withUnsafeMutableBytes { compress(bytes, into: $0) }
        return count.map { Array(block.prefix($0)) }
    }
}
