import FluxFiles
import FluxFormat
import Glibc
import TestSupport
import Testing

@testable import FluxLog

/// The same workload once for each call that can fail.
@Suite("A write or a sync that fails")
struct FailedWriteTests {
    private static let options = LogOptions(segmentByteCountMax: 12 << 10, frameByteCountTarget: 2000)
    private static let executions = (1...8).map {
        Sample.execution(seed: $0, eventCount: 4, payloadByteCountMax: 900)
    }

    /// Appends all executions; tries each once more when there was no room. Returns those that were acknowledged.
    private func run(_ log: TestLog) -> (acknowledged: [Execution], errors: [LogError]) {
        var acknowledged: [Execution] = []
        var errors: [LogError] = []
        do throws(LogError) {
            let writer = try log.open().writer
            for execution in Self.executions {
                for _ in 0..<2 {
                    do throws(LogError) {
                        try log.append(execution, to: writer)
                        acknowledged.append(execution)
                        break
                    } catch {
                        errors.append(error)
                        guard case .noSpace = error else { break }
                    }
                }
            }
        } catch {
            errors.append(error)
        }
        return (acknowledged, errors)
    }

    /// What a log holds after it was opened again, with everything that was acknowledged.
    private func reopened(_ log: TestLog, _ acknowledged: [Execution], _ comment: Comment) throws -> TestLog.Reading {
        let later = Sample.execution(seed: 99, eventCount: 1)
        try log.append(later, to: try log.open().writer)
        let reading = try log.read()
        for execution in acknowledged + [later] {
            #expect(reading.events[execution.id] == execution.events, comment)
        }
        for (id, events) in reading.events where id != later.id {
            #expect(Self.executions.contains { $0.id == id && $0.events == events }, comment)
        }
        return reading
    }

    @Test("Without room for the n-th write nothing changes, and the writer goes on", arguments: [0, 1, 50, 5000])
    func noRoom(writtenByteCount: Int) throws {
        var failureCount = 0
        for failing in 0... {
            let log = TestLog(options: Self.options)
            log.disk.failure = .init(
                call: .write, successCount: failing, number: ENOSPC, writtenByteCount: writtenByteCount)
            let (acknowledged, errors) = run(log)
            guard log.disk.hasFailed else {
                #expect(failing > 12 && failureCount > 10)
                break
            }
            #expect(acknowledged.count == 8, "write \(failing)")
            // A slot of HEAD that cannot be written is no error, and what the opening cannot do is done later.
            guard errors.isEmpty || isNoSpaceOfSegment(errors) else {
                Issue.record("write \(failing): \(errors)")
                continue
            }
            failureCount += errors.count
            let before = try log.read()
            #expect(before.events.count == 8 && before.rest == .nothing)
            #expect(try reopened(log, acknowledged, "write \(failing)").events.count == 9)
        }
    }

    private func isNoSpaceOfSegment(_ errors: [LogError]) -> Bool {
        guard errors.count == 1, case .noSpace(let path) = errors[0] else { return false }
        return path.hasPrefix("store/seg/")
    }

    @Test("While there is no room, everything stored before can be read, and it goes on when there is")
    func lastingNoRoom() throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        for execution in Self.executions.prefix(4) { try log.append(execution, to: writer) }
        log.disk.failure = .init(
            call: .write, successCount: 0, number: ENOSPC, writtenByteCount: 100, isLasting: true)
        for _ in 0..<3 {
            #expect {
                try log.append(Self.executions[4], to: writer)
            } throws: {
                guard case LogError.noSpace = $0 else { return false }
                return true
            }
            #expect(try log.read().events.count == 4)
        }
        log.disk.failure = nil
        for execution in Self.executions.dropFirst(4) { try log.append(execution, to: writer) }
        #expect(try reopened(log, Self.executions, "room again").events.count == 9)
    }

    @Test("A write that fails otherwise poisons the writer", arguments: [0, 50])
    func failedWrite(writtenByteCount: Int) throws {
        for failing in 0... {
            let log = TestLog(options: Self.options)
            log.disk.failure = .init(
                call: .write, successCount: failing, number: EIO, writtenByteCount: writtenByteCount)
            let (acknowledged, errors) = run(log)
            guard log.disk.hasFailed else { break }
            // A slot of HEAD that cannot be written leaves an older one.
            if !errors.isEmpty || acknowledged.count < 8 { holdPoisoned(acknowledged, errors, "write \(failing)") }
            _ = try reopened(log, acknowledged, "write \(failing)")
        }
    }

    @Test("A sync that fails poisons the writer, whatever the reason", arguments: [EIO, ENOSPC])
    func failedSync(number: Int32) throws {
        for failing in 0... {
            let log = TestLog(options: Self.options)
            log.disk.failure = .init(call: .sync, successCount: failing, number: number)
            let (acknowledged, errors) = run(log)
            guard log.disk.hasFailed else { break }
            switch errors.first {
            case nil, .noSpace:
                // HEAD, or the header of a segment, to which nothing was promised: it is written again.
                #expect(number == ENOSPC && acknowledged.count == 8, "sync \(failing)")
            default: holdPoisoned(acknowledged, errors, "sync \(failing)")
            }
            _ = try reopened(log, acknowledged, "sync \(failing)")
        }
    }

    /// The first error is the call's own, and nothing is taken behind it.
    private func holdPoisoned(_ acknowledged: [Execution], _ errors: [LogError], _ comment: Comment) {
        // The opening itself may fail: then there is no writer.
        #expect(errors.count == 1 && acknowledged.isEmpty || errors.count == 8 - acknowledged.count, comment)
        guard case .io = errors.first else {
            Issue.record("\(errors)")
            return
        }
        for error in errors.dropFirst() {
            guard case .poisoned = error else {
                Issue.record("\(error)")
                continue
            }
        }
        #expect(acknowledged == Array(Self.executions.prefix(acknowledged.count)), comment)
    }

    @Test("Without room to cut what a failed write left, the writer is poisoned")
    func failedCut() throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        try log.append(Self.executions[0], to: writer)
        log.disk.failure = .init(
            call: .write, successCount: 0, number: ENOSPC, writtenByteCount: 200, isLasting: true, others: [.truncate])
        #expect(throws: LogError.noSpace(path: TestLog.path(1))) { try log.append(Self.executions[1], to: writer) }
        log.disk.failure = nil
        #expect {
            try log.append(Self.executions[1], to: writer)
        } throws: {
            guard case LogError.poisoned = $0 else { return false }
            return true
        }
        #expect(try log.read().events.count == 1)
        #expect(try reopened(log, [Self.executions[0]], "cut").events.count == 2)
    }

    @Test(
        "An end of writing that fails is reported, and nothing is lost", arguments: [MemoryDisk.Call.truncate, .write])
    func failedClose(call: MemoryDisk.Call) throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        try log.append(Self.executions[0], to: writer)
        // What fails in the background is not the end of writing.
        writer.background.runAll()
        log.disk.failure = .init(call: call, successCount: 0, number: EIO)
        #expect {
            try writer.close()
        } throws: {
            guard case LogError.io(let cause) = $0 else { return false }
            return cause.number == EIO
        }
        #expect(try reopened(log, [Self.executions[0]], "\(call)").events.count == 2)
    }

    @Test("A file made ahead of time whose header found no room is used when there is")
    func noRoomForHeader() throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        let spare = "store/seg/" + SegmentName(segment: 2).spareFileName
        var appended: [Execution] = []
        while log.disk.contents[spare] == nil, appended.count < 4 {
            try log.append(Self.executions[appended.count], to: writer)
            appended.append(Self.executions[appended.count])
            writer.background.runAll()
        }
        try #require(log.disk.contents[spare] != nil)
        try writer.roll()
        log.disk.failure = .init(call: .write, successCount: 0, number: ENOSPC)
        #expect(throws: LogError.noSpace(path: spare)) { try log.append(Self.executions[6], to: writer) }
        try log.append(Self.executions[6], to: writer)
        writer.background.runAll()
        #expect(log.disk.contents[spare] == nil && log.disk.contents[TestLog.path(2)] != nil)
        #expect(writer.background.failureCount == 0)
        #expect(try log.read().events.count == appended.count + 1)
    }

    @Test("The last number of a segment has none behind it")
    func lastSegment() throws {
        let log = TestLog(options: Self.options)
        let number = FormatLimit.segmentMax
        let header = SegmentHeader(
            storeID: StoreID(high: 1, low: 2), segment: number, segmentSalt: 3, storeSalt: 4, previousEnd: .zero,
            previousLastFrameHash: 0, firstFrameSequence: 1, createdAt: 6, writerEpoch: 7)
        log.disk.contents[TestLog.path(number)] = header.encoded
        let writer = try log.open().writer
        try log.append(Self.executions[0], to: writer)
        try writer.roll()
        #expect(
            throws: LogError.broken(path: "store/seg", reason: "has no numbers left for another segment")
        ) { try log.append(Self.executions[1], to: writer) }
        #expect(try log.read().events.count == 1)
    }

    @Test("Without room for the copy of a torn tail, nothing is cut until there is room")
    func noRoomForCopy() throws {
        let log = TestLog(options: Self.options)
        let writer = try log.open().writer
        try log.append(Self.executions[0], to: writer)
        let end = writer.durableEnd
        log.disk.contents[TestLog.path(1)]?.replaceSubrange(end.offset..<end.offset + 3, with: [1, 2, 3])
        let before = log.disk.contents[TestLog.path(1)]
        log.disk.failure = .init(call: .write, successCount: 0, number: ENOSPC, isLasting: true)
        let opened = try log.open()
        #expect(opened.recovery == nil && opened.writer.durableEnd == end)
        #expect(throws: LogError.noSpace(path: "store/quarantine/00000001.0000.rpl.\(end.offset).suspect")) {
            try log.append(Self.executions[1], to: opened.writer)
        }
        #expect(log.disk.contents[TestLog.path(1)] == before)
        #expect(try log.read().events.count == 1)
        log.disk.failure = nil
        try log.append(Self.executions[1], to: opened.writer)
        #expect(opened.writer.recovery?.tornByteCount == 3)
        #expect(try log.read().events.count == 2)
    }
}
