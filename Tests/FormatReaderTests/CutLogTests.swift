import FluxFormat
import FluxStore
import TestSupport
import Testing

@Suite(
    "A log that was cut, for both readers",
    .enabled(if: PythonReader.isRequired, "Python's modules lz4 and xxhash are missing; `make test` installs them"))
struct CutLogTests {
    @Test("Both show the same whole batches and report the rest", arguments: [1, 8, 100, 1000, 5000])
    func cut(byteCount: Int) async throws {
        let store = try await SmallStore()
        let name = try #require(try store.segments.last)
        try store.write(try store.bytes(name).dropLast(byteCount), to: name)
        try store.deleteEvidence()
        let found = try ReadStore(byPython: store.path, isWhole: false)
        let expected = try await ReadStore(byStore: store.path, end: found.totals.end, isWhole: false)
        #expect(found.executions == expected.executions)
        #expect(found.totals == expected.totals)
        #expect(found.executions.count < SmallStore.executionCount)
    }

    @Test("Zeros behind the last batch are room for more", arguments: [1, 8, 96, 100_000])
    func zeros(byteCount: Int) async throws {
        let store = try await SmallStore()
        let whole = try ReadStore(byPython: store.path)
        let name = try #require(try store.segments.last)
        try store.write(try store.bytes(name) + Array(repeating: 0, count: byteCount), to: name)
        let found = try ReadStore(byPython: store.path)
        #expect(found.executions == whole.executions)
        #expect(found.totals == whole.totals)
    }

    @Test("A seal without its trailer is a torn tail, and hides nothing")
    func sealWithoutTrailer() async throws {
        let store = try await SmallStore()
        let names = try store.segments
        let whole = try ReadStore(byPython: store.path)
        let sealed = try store.bytes(names[0])
        for name in names { try store.remove(name) }
        try store.write(sealed.dropLast(64), to: names[0])
        try store.deleteEvidence()
        let found = try ReadStore(byPython: store.path, isWhole: false)
        let expected = try await ReadStore(byStore: store.path, end: found.totals.end, isWhole: false)
        #expect(found.executions == expected.executions)
        #expect(found.totals.end == "1:\(SegmentBytes(bytes: sealed).seal)")
        #expect(whole.executions.starts(with: found.executions) && !found.executions.isEmpty)
    }
}
