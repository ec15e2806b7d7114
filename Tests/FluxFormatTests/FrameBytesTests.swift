import FluxFormat
import Testing

/// A frame of events typed by hand from the format page: META, an event of a lane with a name, and one of a user's kind.
@Suite("Frame, byte by byte")
struct FrameBytesTests {
    static let position = Position(segment: 7, offset: 4096)
    static let storeSalt: UInt64 = 0xFEDC_BA98_7654_3210

    static let headerBytes = bytes(
        """
           0: 52 50 46 31             | magic RPF1
           4: 0C                      | words of the header
           5: 01                      | kind: events
           6: 00                      | codecs: both sections stored
           7: 0F                      | flags: first and last of batch and of execution
           8: 10 01 00 00             | stored payload: 272
          12: 10 01 00 00             | raw payload: 272
          16: 51 00 00 00 00 00 00 00 | frame sequence
          24: 00 10 00 00 07 00 00 00 | durable end
          32: 88 77 66 55 44 33 22 11 | hash of the frame before
          40: 01 8B CF E5 68 7B 70 01 82 03 04 05 06 07 08 09 | execution
          56: 00 00 00 00 00 00 00 00 | frame before of the execution
          64: 00 00 00 00             | first event
          68: 02 00                   | events that end here
          70: 00 00                   | dictionary
          72: 00 00 00 00             | tenant
          76: 00 00 00 00             | key
          80: ED 3D 28 28 F6 DD DF C8 | hash of prologue and heads
          88: 54 CC 67 AF 89 F9 D9 31 | hash of the header
        """)

    static let prologueBytes = bytes(
        """
           0: 00 00 2A 36 FE 9C 97 17 | start of the execution
           8: BD 8B A5 C9 B9 0F 18 F5 | hash of the bodies
          16: C9 00 00 00             | heads as stored: 201
          20: C9 00 00 00             | heads decoded: 201
          24: 10 00 00 00             | bodies decoded: 16
          28: 03 00 00 00             | records
          32: A0 00 00 00             | offset tables at 160 of the heads
          36: B8 00 00 00             | string table at 184
          40: 02 00 00 00             | strings
          44: 00 00 00 00             | bytes of record 0 in earlier frames
        """)

    static let headsBytes = bytes(
        """
           0: 00 00 00 00 01 00 00 00 | record 0: no payload, kind 1 (META), no flags, raw
           8: FF FF FF FF 00 00 00 00 | no lane, sequence 0
          16: 00 00 00 00 00 00 00 00 | issued, done
          24: 00 00 00 00 00 00 00 00 | offset in time
          32: FF FF FF FF 20 00 00 00 | no name, 32 bytes of descriptor
          40: 01 00 00 00 04 00 00 00 | field 1, 4 bytes
          48: 73 68 6F 70 00 00 00 00 | "shop"
          56: 05 00 00 00 08 00 00 00 | field 5, 8 bytes
          64: 01 00 00 00 00 00 00 00 | status: ok
          72: 03 00 00 00 17 00 00 01 | record 1: 3 bytes of payload, kind 23 (clock), no flags, UTF-8
          80: 00 00 00 00 04 00 00 00 | lane is string 0, sequence 4
          88: 09 00 00 00 0A 00 00 00 | issued 9, done 10
          96: C4 09 00 00 00 00 00 00 | 2500 ns after the start
         104: 01 00 00 00 05 00 00 00 | name is string 1, 5 bytes of descriptor
         112: 01 02 03 04 05 00 00 00 | descriptor, padding
         120: 08 00 00 00 00 80 01 00 | record 2: 8 bytes of payload, kind 0x8000, an error, raw
         128: FF FF FF FF 05 00 00 00 | root lane, sequence 5
         136: 0B 00 00 00 00 00 00 00 | issued 11, not done
         144: FF FF FF FF FF FF FF FF | no time
         152: FF FF FF FF 00 00 00 00 | no name, no descriptor
         160: 00 00 00 00 48 00 00 00 78 00 00 00 | records at 0, 72 and 120 of the heads
         172: 00 00 00 00 00 00 00 00 08 00 00 00 | payloads at 0, 0 and 8 of the bodies
         184: 00 00 00 00 02 00 00 00 05 00 00 00 | strings at 0 and 2, end at 5
         196: 2F 61 6E 6F 77          | "/a", "now"
        """)
    static let bodiesBytes = bytes(
        """
           0: 61 62 63 00 00 00 00 00 | "abc", padding
           8: A0 A1 A2 A3 A4 A5 A6 A7 | the payload of record 2
        """)

    static let payloadBytes = prologueBytes + headsBytes + [UInt8](repeating: 0, count: 7) + bodiesBytes

    static var events: [Event] {
        [
            Event(
                kind: .clock, encoding: .utf8, lane: "/a", sequence: 4, issued: 9, done: 10, offsetNanoseconds: 2500,
                name: "now", descriptor: [1, 2, 3, 4, 5], payload: Array("abc".utf8)),
            Event(
                kind: .firstCustom, flags: .isError, sequence: 5, issued: 11,
                payload: [0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7]),
        ]
    }

    static func header() throws -> FrameHeader {
        try FrameHeader(
            parsing: headerBytes.rawSpan, at: position, segmentSalt: SegmentBytesTests.segmentSalt)
    }

    @Test("The header is read from the typed bytes, and written as they are")
    func header() throws {
        let header = try Self.header()
        #expect(header.frameKind == .events)
        #expect(header.headsCodec == .stored && header.bodiesCodec == .stored)
        #expect(header.flags == [.batchFirst, .batchLast, .executionFirst, .executionLast])
        #expect(header.storedByteCount == 272 && header.rawByteCount == 272)
        #expect(header.frameByteCount == 96 + 272)
        #expect(header.frameSequence == 0x51)
        #expect(header.durableEnd == Self.position)
        #expect(header.previousFrameHash == 0x1122_3344_5566_7788)
        #expect(header.executionID.description == "018bcfe5-687b-7001-8203-040506070809")
        #expect(header.previousFrameOfExecution == .zero)
        #expect(header.firstEvent == 0 && header.eventCount == 2)
        #expect(header.payloadHash == 0xC8DF_DDF6_2828_3DED)
        #expect(header.headerHash == 0x31D9_F989_AF67_CC54)
        let written = header.encoded(at: Self.position, segmentSalt: SegmentBytesTests.segmentSalt)
        #expect(written.bytes == Self.headerBytes)
        #expect(written.headerHash == header.headerHash)
    }

    @Test("The header does not verify at another place, or in another segment")
    func placeIsCovered() {
        for (position, salt) in [
            (Position(segment: 7, offset: 4104), SegmentBytesTests.segmentSalt),
            (Position(segment: 8, offset: 4096), SegmentBytesTests.segmentSalt),
            (Self.position, SegmentBytesTests.segmentSalt ^ 1),
        ] {
            #expect { try FrameHeader(parsing: Self.headerBytes.rawSpan, at: position, segmentSalt: salt) } throws: {
                guard case FormatError.hashMismatch(.frameHeader, _, _) = $0 else { return false }
                return true
            }
        }
    }

    @Test("Behind a right hash, a dictionary or a key is refused", arguments: [70, 71, 76, 79])
    func reserved(offset: Int) {
        var bytes = Self.headerBytes.flipped(at: offset, 1)
        let salt = SegmentBytesTests.segmentSalt
        let seed = salt ^ (Self.position.rawValue &* 0x9E37_79B9_7F4A_7C15)
        bytes.store(XXH3.hash(bytes.rawSpan.extracting(0..<88), seed: seed), at: 88)
        #expect(throws: FormatError.invalidField("a dictionary or a key without its feature")) {
            try FrameHeader(parsing: bytes.rawSpan, at: Self.position, segmentSalt: salt)
        }
    }

    @Test("The hashes of the payload cover what the page says")
    func payloadHashes() throws {
        let padding = [UInt8](repeating: 0, count: 7)
        let heads = Self.prologueBytes + Self.headsBytes + padding
        #expect(XXH3.hash(heads.rawSpan, seed: Self.storeSalt) == 0xC8DF_DDF6_2828_3DED)
        #expect(XXH3.hash(Self.bodiesBytes.rawSpan, seed: Self.storeSalt) == 0xF518_0FB9_C9A5_8BBD)
    }

    @Test("The records are read from the typed bytes")
    func records() throws {
        let payload = Self.payloadBytes
        let header = try Self.header()
        let prologue = try FramePrologue(parsing: payload.rawSpan, header: header)
        #expect(prologue.wallBase == 1_700_000_000_000_000_000)
        #expect(prologue.bodiesOffset == 48 + 208)
        let heads = payload.rawSpan.extracting(48..<48 + 201)
        let bodies = payload.rawSpan.extracting(256..<272)
        let contents = try FrameContents(proving: heads, bodies: bodies, prologue: prologue, header: header)
        let hasMetadata = contents.hasMetadata
        #expect(hasMetadata)
        var assembler = EventAssembler()
        var events: [Event] = []
        for index in 1..<contents.recordCount {
            let view = contents.record(at: index)
            let (id, position, name) = (view.executionID, view.position, view.nameBytes.array)
            #expect(id == header.executionID && position == .zero)
            guard let read = assembler.add(view) else { continue }
            #expect(read.index == UInt64(index - 1) && name == Array((read.event.name ?? "").utf8))
            events.append(read.event)
        }
        #expect(events == Self.events)
        let metadata = try #require(try FrameContents.metadata(inHeads: heads, prologue: prologue))
        #expect(metadata.value == ExecutionMetadata(app: "shop", name: "", source: "", status: .ok))
    }

    @Test("The sections are written as they were typed")
    func sections() {
        var builder = FrameBuilder(wallBase: 1_700_000_000_000_000_000)
        let metadata = Event(
            kind: .metadata, sequence: 0, offsetNanoseconds: 0, descriptor: Array(Self.headsBytes[40..<72]))
        for event in [metadata] + Self.events {
            builder.append(event, payload: 0..<event.payload.count, hasMorePieces: false)
        }
        #expect(builder.byteCount == 272)
        var (prologue, heads, bodies) = builder.finish()
        #expect(heads == Self.headsBytes)
        #expect(bodies == Self.bodiesBytes)
        prologue.headsStored = 201
        prologue.bodiesHash = 0xF518_0FB9_C9A5_8BBD
        var bytes = [UInt8](repeating: 0xAA, count: FramePrologue.byteCount)
        bytes.withUnsafeMutableBytes { prologue.encode(into: $0) }
        #expect(bytes == Self.prologueBytes)
    }

    @Test("Two spellings of a text that Swift takes for equal stay two")
    func exactTexts() throws {
        let spellings = ["caf\u{E9}", "cafe\u{301}"]
        #expect(spellings[0] == spellings[1])
        var builder = FrameBuilder(wallBase: 0)
        for text in spellings {
            builder.append(Event(kind: .host, sequence: 0, name: text), payload: 0..<0, hasMorePieces: false)
        }
        let (prologue, heads, _) = builder.finish()
        #expect(prologue.stringCount == 2)
        #expect(heads.suffix(11) == Array(spellings[0].utf8) + Array(spellings[1].utf8))
    }
}
