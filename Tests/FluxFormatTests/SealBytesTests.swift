import FluxFormat
import Testing

@Suite("Seal, byte by byte")
struct SealBytesTests {
    static let id = ExecutionID(high: 0x018B_CFE5_687B_7001, low: 0x8203_0405_0607_0809)

    static let frameBytes = bytes(
        """
           0: 00 10 00 00             | offset
           4: 10 01 00 00             | stored payload
           8: 20 01 00 00             | raw payload
          12: 02 00 00 00             | the execution's place
          16: 54 CC 67 AF 89 F9 D9 31 | hash of the header
          24: 03 00 00 00             | sequence from the segment's first
          28: 04 00 00 00             | first event
          32: 05 00                   | events
          34: 0F                      | flags
          35: 01                      | kind
          36: 06 00 00 00             | tenant
        """)
    static let executionBytes = bytes(
        """
           0: 01 8B CF E5 68 7B 70 01 82 03 04 05 06 07 08 09 | id
          16: 07 00 00 00             | its first frame
          20: 08 00 00 00             | its frames
        """)
    static let recordBytes = bytes(
        """
           0: 01 8B CF E5 68 7B 70 01 82 03 04 05 06 07 08 09 | id
          16: 09 00 00 00             | its frame
          20: 01 00                   | kind: META
          22: 00 00                   | zero
          24: 03 00 00 00             | byte count
          28: 00 00 00 00             | zero
          32: AA BB CC 00 00 00 00 00 | the record, padding
        """)
    static let filterBytes = bytes(
        """
           0: 01 00 00 00 00 00 00 00 | one block
           8: 00 40 00 00 00 00 00 20 20 00 00 00 00 00 00 01 | a bit in each of its words
          24: 00 80 00 00 00 10 00 00 00 00 10 00 00 00 02 00
        """)

    @Test("A frame's entry is read from the typed bytes, and written as they are")
    func frame() {
        let frame = SealedFrame(loading: Self.frameBytes.rawSpan, at: 0)
        #expect(frame.offset == 4096 && frame.storedByteCount == 272 && frame.rawByteCount == 288)
        #expect(frame.executionOrdinal == 2 && frame.headerHash == 0x31D9_F989_AF67_CC54)
        #expect(frame.sequenceDelta == 3 && frame.firstEvent == 4 && frame.eventCount == 5)
        #expect(frame.flags.rawValue == 0x0F && frame.kind == 1 && frame.tenantID == 6)
        var written: [UInt8] = []
        frame.append(to: &written)
        #expect(written == Self.frameBytes)
    }

    @Test("An execution's entry is read from the typed bytes, and written as they are")
    func execution() {
        let execution = SealedExecution(loading: Self.executionBytes.rawSpan, at: 0)
        #expect(execution == SealedExecution(id: Self.id, firstFrameIndex: 7, frameCount: 8))
        var written: [UInt8] = []
        execution.append(to: &written)
        #expect(written == Self.executionBytes)
    }

    @Test("A copied record is read from the typed bytes, and written as they are")
    func record() throws {
        var offset = 0
        let record = try SealedRecord(parsing: Self.recordBytes.rawSpan, at: &offset)
        #expect(record == SealedRecord(id: Self.id, frameIndex: 9, kind: 1, bytes: [0xAA, 0xBB, 0xCC]))
        #expect(offset == 40)
        var written: [UInt8] = []
        record.append(to: &written)
        #expect(written == Self.recordBytes)
    }

    @Test("The filter is read from the typed bytes, and written as they are")
    func filter() throws {
        var filter = BloomFilter(idCount: 1)
        filter.insert(Self.id)
        #expect(filter.encoded == Self.filterBytes)
        let read = try BloomFilter(parsing: Self.filterBytes.rawSpan)
        #expect(read.mayContain(Self.id))
        #expect(!read.mayContain(ExecutionID(high: 1, low: 2)))
    }

    @Test("A filter knows every id that was put in, and few others", arguments: [1, 10, 1000, 20_000])
    func filterHits(count: Int) {
        var filter = BloomFilter(idCount: count)
        func id(_ number: Int) -> ExecutionID { ExecutionID(high: UInt64(number) &* 0x9E37_79B9, low: UInt64(number)) }
        for number in 0..<count { filter.insert(id(number)) }
        #expect((0..<count).allSatisfy { filter.mayContain(id($0)) })
        let strangers = (count..<count + 10_000).count { filter.mayContain(id($0)) }
        // The page says some 1 %; twice that leaves room for chance.
        #expect(strangers < 200, "\(strangers) of 10000 strangers pass")
    }
}
