import FluxFiles
import FluxFormat
import Glibc
import SimulatedDisk
import TestSupport
import Testing

@testable import FluxLog

@Suite("A sealed segment without a store")
struct PortableSegmentTests {
    private let execution = Sample.execution(seed: 1, eventCount: 9, payloadByteCountMax: 900)

    /// Writes the execution into a file of its own.
    private func write(on disk: SimulatedDisk) throws -> SimulatedFile {
        let file = try disk.fileSystem.open("d/a", .create)
        var segment = try PortableSegment(
            file, storeID: StoreID(high: 1, low: 2), storeSalt: 3, segmentSalt: 4, now: 5)
        var encoder = try BatchEncoder(
            execution, encoder: FrameEncoder(storeSalt: 3), frameByteCountTarget: 1024)
        while let batch = encoder.next() { try segment.append(batch) }
        try segment.seal()
        return file
    }

    @Test("It is read like any other, and all of it is durable")
    func whole() throws {
        let disk = SimulatedDisk(directories: ["d"])
        let file = try write(on: disk)
        let byteCount = try file.byteCount()
        let head = try file.read(byteCount: SegmentHeader.byteCount, at: 0)
        let unsealed = SegmentFile(
            name: SegmentName(segment: 1), file: file, header: try SegmentHeader(parsing: head.rawSpan), trailer: nil,
            byteCount: byteCount)
        let segment = try #require(try unsealed.sealed(endingAt: byteCount))
        var scan = segment.scan()
        var eventCount = 0
        var frameCount = 0
        while let frame = try scan.next() {
            guard frame.header.frameKind == .events else { continue }
            #expect(frame.header.executionID == execution.id)
            eventCount += Int(frame.header.eventCount)
            frameCount += 1
        }
        #expect(eventCount == 9 && frameCount > 2)
        let seal = try SegmentSeal(
            reading: file, segment: segment.header, trailer: try #require(segment.trailer), end: segment.framesEnd)
        #expect(seal.executions.map(\.id) == [execution.id] && seal.frames.count == frameCount)
        try disk.fileSystem.syncDirectory("d")
        var generator = SeededGenerator(seed: 1)
        let left = disk.crashed(CrashMode(.nothing, names: .lost), using: &generator)
        #expect(left.bytes(of: "d/a") == disk.bytes(of: "d/a"))
    }

    @Test("Each call that fails is told, and a full disk as what it is", arguments: [EIO, ENOSPC])
    func failures(number: Int32) throws {
        // The header, the batch, the seal, and the sync.
        for (kind, successCount) in [(Operation.Kind.write, 0), (.write, 1), (.write, 2), (.sync, 0)] {
            let disk = SimulatedDisk(directories: ["d"])
            disk.faults = [Fault([kind], after: successCount, .error(number))]
            #expect {
                try write(on: disk)
            } throws: { error in
                switch error as? LogError {
                case .noSpace: number == ENOSPC
                case .io(let cause): number == EIO && cause.number == EIO
                default: false
                }
            }
            #expect(disk.faultCount == 1)
        }
    }
}
