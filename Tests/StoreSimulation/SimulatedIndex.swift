import FluxFormat
import FluxIndex
import FluxLog
import Foundation
import SimulatedDisk
import TestSupport

@testable import FluxStore

/// The index's files, which go back to an earlier state when power is lost, as a database without a sync does.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
final class SimulatedIndex: @unchecked Sendable {
    let folder: URL
    private var snapshots: [[String: Data]] = []

    init(folder: URL) throws {
        self.folder = folder
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    var path: String { folder.appending(path: "index.db").path(percentEncoded: false) }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private var contents: [String: Data] {
        var contents: [String: Data] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        where !name.hasSuffix("-shm") {
            contents[name] = try? Data(contentsOf: folder.appending(path: name))
        }
        return contents
    }

    /// Keeps the state of this moment, which no transaction is changing.
    func keepSnapshot() {
        snapshots.append(contents)
        if snapshots.count > 3 { snapshots.removeFirst() }
    }

    /// Goes back to one of the states kept, or to nothing.
    func losePower(using generator: inout SeededGenerator) throws {
        snapshots.append([:])
        let state = snapshots.randomElement(using: &generator) ?? [:]
        snapshots = []
        try FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, bytes) in state { try bytes.write(to: folder.appending(path: name)) }
    }
}

/// Builds the index of a store on a simulated disk.
struct SimulatedIndexHome: IndexHome {
    let index: SimulatedIndex
    let storeID: StoreID
    let table: SegmentTable<SimulatedFileSystem>

    func open(reaching extent: LogExtent) throws(StoreError) -> MetadataIndex {
        let opened: MetadataIndex
        do throws(IndexError) {
            opened = try MetadataIndex.open(
                path: index.path, storeID: (high: storeID.high, low: storeID.low), access: .readWrite)
        } catch {
            throw StoreError(error)
        }
        try IndexCatchUp(table, extent: extent).run(on: opened)
        do throws(LogError) {
            try table.removeSuperseded()
        } catch {
            throw StoreError(error)
        }
        return opened
    }
}
