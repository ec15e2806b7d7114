package import FluxFormat

/// The sums that a seal keeps.
package struct SealStatistics: Sendable, Equatable {
    /// The least start of the segment's executions; 0 where none has a time.
    package private(set) var wallFirst: UInt64 = 0
    /// The greatest start of the segment's executions; 0 where none has a time.
    package private(set) var wallLast: UInt64 = 0
    /// Bytes of the frames of each tenant.
    package private(set) var tenantByteCounts: [UInt32: UInt64] = [:]
    /// Events of each kind, of the executions that end in the segment.
    package var kindCounts: [EventKind: UInt64] {
        var counts = otherKindCounts
        for (kind, count) in knownKindCounts.enumerated() where count > 0 {
            counts[EventKind(rawValue: UInt16(kind))] = count
        }
        return counts
    }

    /// How many kinds there are.
    var kindCount: Int { knownKindCounts.count { $0 > 0 } + otherKindCounts.count }

    /// The counts of kinds with small numbers, which all common ones have, by number.
    private var knownKindCounts = [UInt64](repeating: 0, count: 64)
    private var otherKindCounts: [EventKind: UInt64] = [:]

    package init() {}

    /// Takes a frame into account, with META of record 0 where it has one.
    package mutating func add(_ header: FrameHeader, metadata: EncodedMetadata?) {
        tenantByteCounts[header.tenantID, default: 0] += UInt64(header.frameByteCount)
        guard let metadata else { return }
        if header.flags.contains(.executionLast) {
            for (kind, count) in metadata.value.kindCounts { add(kind, count) }
        }
        if let start = metadata.value.startedAt, start > 0 {
            wallFirst = wallFirst == 0 ? start : min(wallFirst, start)
            wallLast = max(wallLast, start)
        }
    }

    private mutating func add(_ kind: EventKind, _ count: UInt64) {
        if Int(kind.rawValue) < knownKindCounts.count {
            knownKindCounts[Int(kind.rawValue)] &+= count
        } else {
            otherKindCounts[kind, default: 0] &+= count
        }
    }

    /// The bytes as stored.
    var encoded: [UInt8] {
        let kindCounts = kindCounts
        var bytes: [UInt8] = []
        bytes.append(littleEndian: wallFirst)
        bytes.append(littleEndian: wallLast)
        bytes.append(littleEndian: UInt32(tenantByteCounts.count))
        bytes.append(littleEndian: UInt32(kindCounts.count))
        for (tenant, count) in tenantByteCounts.sorted(by: { $0.key < $1.key }) {
            bytes.append(littleEndian: UInt64(tenant))
            bytes.append(littleEndian: count)
        }
        for (kind, count) in kindCounts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            bytes.append(littleEndian: UInt64(kind.rawValue))
            bytes.append(littleEndian: count)
        }
        return bytes
    }

    init(parsing bytes: RawSpan) throws(FormatError) {
        guard bytes.byteCount >= 24 else { throw .truncated(needed: 24, available: bytes.byteCount) }
        wallFirst = bytes.load(at: 0)
        wallLast = bytes.load(at: 8)
        let tenantCount = Int(bytes.load(at: 16, as: UInt32.self))
        let kindCount = Int(bytes.load(at: 20, as: UInt32.self))
        guard bytes.byteCount == 24 + 16 * (tenantCount + kindCount) else {
            throw .invalidField("length of a seal's statistics")
        }
        for index in 0..<tenantCount {
            let offset = 24 + 16 * index
            tenantByteCounts[UInt32(truncatingIfNeeded: bytes.load(at: offset, as: UInt64.self))] = bytes.load(
                at: offset + 8)
        }
        for index in tenantCount..<tenantCount + kindCount {
            let offset = 24 + 16 * index
            let kind = UInt16(truncatingIfNeeded: bytes.load(at: offset, as: UInt64.self))
            add(EventKind(rawValue: kind), bytes.load(at: offset + 8))
        }
    }
}
