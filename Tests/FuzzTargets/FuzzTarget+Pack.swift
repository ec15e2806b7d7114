import FluxFormat
import FluxStore
import Foundation

extension FuzzTarget {
    /// A file of one execution: verified, stored, and packed again.
    static let pack = FuzzTarget("pack") { input in
        let level = input.stampLevel()
        var bytes = Stamp.header.encoded + input.rest()
        var link = Stamp.Link()
        Stamp.frames(&bytes, from: SegmentHeader.byteCount, segment: 1, level, &link)
        let folder = try FuzzFolder()
        let file = "\(folder.path)/one.rpx"
        try Data(bytes).write(to: URL(filePath: file))
        let packed: PackedExecution
        do throws(StoreError) {
            packed = try PackedExecution(of: file)
        } catch {
            return try hold(error.code != .io, "\(error.message)")
        }
        let store = try EventStore.open(at: folder.target)
        let report = try finish { () throws(StoreError) in try await store.unpack(file) }
        try hold(report.eventCount == packed.eventCount, "another number of events is stored than is in the file")
        let events = try store.events(of: packed.id)
        try hold(UInt64(events.count) == packed.eventCount, "\(events.count) events are read of \(packed.eventCount)")
        let again = "\(folder.path)/again.rpx"
        try finish { () throws(StoreError) in _ = try await store.pack(packed.id, to: again) }
        let isDuplicate = try finish { () throws(StoreError) in try await store.unpack(again).isDuplicate }
        try hold(isDuplicate, "what was packed again is not what is stored")
        try finish { () throws(StoreError) in await store.close() }
    }
}
