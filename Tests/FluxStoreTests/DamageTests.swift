import FluxFormat
import FluxStore
import Foundation
import TestSupport
import Testing

@Suite("Damage")
struct DamageTests {
    /// What reading every execution by its id gave.
    private struct Reading {
        var wholeCount = 0
        var failedCount = 0
        var missingCount = 0
    }

    /// Reads all; whatever is handed out is what was stored.
    private static func read(_ executions: [Execution], _ store: EventStore, _ place: String) async -> Reading {
        var reading = Reading()
        for execution in executions {
            do {
                #expect(try store.events(of: execution.id) == execution.events, "\(place)")
                reading.wholeCount += 1
            } catch {
                if error.code == .damaged {
                    reading.failedCount += 1
                    #expect(error.message.contains("/seg/0000000"), "\(place): \(error)")
                    #expect(error.message.contains("byte") || error.message.contains("delete the index"), "\(error)")
                } else {
                    reading.missingCount += 1
                    #expect(error.code == .noExecution, "\(place): \(error)")
                }
            }
        }
        return reading
    }

    @Test("A flipped byte of a sealed segment is named, and harms one execution at most", arguments: [true, false])
    func sealed(hasIndex: Bool) async throws {
        let folder = try QuickFolder()
        let whole = StoreFiles(path: "\(folder.path)/whole")
        let executions = try await makeStore(
            at: whole.path, seeds: 0..<12, eventCount: 24, options: StoreOptions(segmentByteCountMax: 64 << 10))
        let segment = try whole.segments[0]
        #expect(try whole.segments.count == 3)
        let byteCount = try StoreFiles.byteCount(segment)
        let copy = StoreFiles(path: "\(folder.path)/flipped")
        // Every byte of the first frames' headers, and a sample of all others.
        let offsets = Array(stride(from: 0, to: 4096, by: 97)) + Array(stride(from: 4096, to: 4400, by: 5))
        for offset in offsets + Array(stride(from: 4400, to: byteCount, by: 331)) {
            try whole.copy(to: copy.path)
            let flipped = try copy.segments[0]
            try StoreFiles.flip(flipped, at: offset)
            if !hasIndex { try copy.deleteIndex() }
            let log = try copy.log
            let store = try EventStore.open(at: copy.path, options: .readOnly)
            let reading = await Self.read(executions, store, "flip at \(offset)")
            // The header of a segment is needed to read any of it; what lies behind a damaged frame header is found
            // by the index alone.
            if hasIndex && offset >= 4096 { #expect(reading.wholeCount >= 11, "flip at \(offset): \(reading)") }
            #expect(reading.wholeCount >= 12 - 6, "flip at \(offset): \(reading)")
            let findings = try await store.verify().findings
            #expect(findings.contains { $0.place == .log }, "flip at \(offset) is not found")
            #expect(try copy.log == log)
        }
    }

    @Test(
        "A flipped byte of the active segment refuses writing, or harms one execution at most",
        arguments: [true, false])
    func active(hasIndex: Bool) async throws {
        let folder = try QuickFolder()
        let whole = StoreFiles(path: "\(folder.path)/whole")
        let store = try EventStore.open(at: whole.path)
        let executions = (0..<6).map { Sample.execution(seed: $0, eventCount: 8) }
        var lastStart = 0
        for execution in executions { lastStart = try await store.append(execution).position?.offset ?? 0 }
        await store.close()
        let copy = StoreFiles(path: "\(folder.path)/flipped")
        for offset in stride(from: 4096, to: lastStart, by: 173) {
            try whole.copy(to: copy.path)
            let segment = try copy.segments[0]
            try StoreFiles.flip(segment, at: offset)
            if !hasIndex { try copy.deleteIndex() }
            let log = try copy.log
            let error = await storeError { try EventStore.open(at: copy.path) }
            #expect(error?.code == .damaged, "flip at \(offset)")
            #expect(error?.message.contains(segment) == true && error?.message.contains("read-only") == true)
            let store = try EventStore.open(at: copy.path, options: .readOnly)
            #expect(store.warnings.contains { $0.contains("damaged at byte") }, "flip at \(offset)")
            let reading = await Self.read(executions, store, "flip at \(offset)")
            if hasIndex { #expect(reading.wholeCount == 5, "flip at \(offset): \(reading)") }
            #expect(reading.failedCount + reading.missingCount >= 1)
            let findings = try await store.verify().findings
            #expect(findings.contains { $0.place == .log }, "flip at \(offset) is not found")
            #expect(try copy.log == log)
        }
    }

    @Test("A cursor that met damage is at its end")
    func cursorEnds() async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: folder.path)
        let executions = try await makeStore(at: files.path, seeds: 0..<2, eventCount: 400)
        try StoreFiles.flip(try files.segments[0], at: 4096 + 2000)
        let store = try EventStore.open(at: files.path, options: .readOnly)
        for isWholeStore in [false, true] {
            var cursor = isWholeStore ? try await store.cursor() : try store.cursor(over: executions[0].id)
            var failures = 0
            for _ in 0..<5 {
                do {
                    if let event = try cursor.next() { Issue.record("event \(event.index) behind the damage") }
                } catch {
                    failures += 1
                    #expect(error.code == .damaged)
                }
            }
            #expect(failures == 1)
        }
    }

    @Test("A segment that is missing is named, first, middle or last", arguments: 0..<3)
    func missingSegment(number: Int) async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: folder.path)
        let executions = try await makeStore(
            at: files.path, seeds: 0..<12, eventCount: 24, options: StoreOptions(segmentByteCountMax: 64 << 10))
        try FileManager.default.removeItem(atPath: try files.segments[number])
        let store = try EventStore.open(at: files.path, options: .readOnly)
        #expect(!store.warnings.isEmpty)
        let findings = try await store.verify().findings
        #expect(findings.contains { $0.place == .log }, "\(findings)")
        #expect(executions.contains { (try? store.events(of: $0.id)) == $0.events })
        if number < 2 {
            let error = await storeError { try EventStore.open(at: files.path) }
            #expect(error?.code == .damaged, "\(String(describing: error))")
        }
    }

    @Test("Strange files beside the segments are left alone; a segment under another number is refused")
    func strangeFiles() async throws {
        let folder = try QuickFolder()
        let files = StoreFiles(path: folder.path)
        let executions = try await makeStore(at: files.path, seeds: 0..<2)
        let segment = try files.segments[0]
        for name in ["notes.txt", "00000001.0000.rpl.next", "0000000A.0000.rpl", "+0000002.0000.rpl", "x.rpl", ".rpl"] {
            try FileManager.default.copyItem(atPath: segment, toPath: "\(files.path)/seg/\(name)")
        }
        let store = try EventStore.open(at: files.path)
        #expect(store.warnings.isEmpty, "\(store.warnings)")
        #expect(try store.events(of: executions[0].id) == executions[0].events)
        #expect(try await store.verify().isClean)
        await store.close()
        try FileManager.default.copyItem(atPath: segment, toPath: "\(files.path)/seg/00000002.0000.rpl")
        let error = await storeError { try EventStore.open(at: files.path) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("it was renamed or copied") == true)
    }
}
