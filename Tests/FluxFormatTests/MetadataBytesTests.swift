import FluxFormat
import Testing

@Suite("META, byte by byte")
struct MetadataBytesTests {
    static let typed = bytes(
        """
           0: 01 00 00 00 04 00 00 00 73 68 6F 70 00 00 00 00 | 1 app: "shop"
          16: 02 00 00 00 05 00 00 00 6F 72 64 65 72 00 00 00 | 2 name: "order"
          32: 03 00 00 00 03 00 00 00 68 61 72 00 00 00 00 00 | 3 source: "har"
          48: 04 00 00 00 02 00 00 00 2F 6F 00 00 00 00 00 00 | 4 route: "/o"
          64: 05 00 00 00 08 00 00 00 02 00 00 00 00 00 00 00 | 5 status: failed
          80: 06 00 00 00 08 00 00 00 00 00 2A 36 FE 9C 97 17 | 6 start
          96: 07 00 00 00 08 00 00 00 00 CA 9A 3B 00 00 00 00 | 7 duration: a second
         112: 08 00 00 00 02 00 00 00 72 31 00 00 00 00 00 00 | 8 request id: "r1"
         128: 09 00 00 00 02 00 00 00 74 31 00 00 00 00 00 00 | 9 trace id: "t1"
         144: 0A 00 00 00 03 00 00 00 31 2E 30 00 00 00 00 00 | 10 SDK version: "1.0"
         160: 0B 00 00 00 02 00 00 00 65 31 00 00 00 00 00 00 | 11 error fingerprint: "e1"
         176: 0C 00 00 00 08 00 00 00 03 00 00 00 00 00 00 00 | 12 events: 3
         192: 0D 00 00 00 08 00 00 00 02 00 00 00 00 00 00 00 | 13 interactions: 2
         208: 0E 00 00 00 10 00 00 00 10 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 | 14 kind 16: 2
         232: 0E 00 00 00 10 00 00 00 17 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 | 14 kind 23: 1
         256: 0F 00 00 00 07 00 00 00 01 00 00 00 61 78 79 00 | 15 tag: "a" is "xy"
         272: 0F 00 00 00 05 00 00 00 01 00 00 00 62 00 00 00 | 15 tag: "b" is empty
        """)

    static var metadata: ExecutionMetadata {
        var metadata = ExecutionMetadata(
            app: "shop", name: "order", source: "har", route: "/o", status: .failed,
            startedAt: 1_700_000_000_000_000_000, durationNanoseconds: 1_000_000_000, requestID: "r1",
            traceID: "t1", sdkVersion: "1.0", errorFingerprint: "e1", tags: ["a": "xy", "b": ""])
        metadata.count(.http)
        metadata.count(.http)
        metadata.count(.clock)
        return metadata
    }

    @Test("Every field is read from the typed bytes, and written as it is")
    func fields() throws {
        #expect(try ExecutionMetadata(parsing: Self.typed.rawSpan) == Self.metadata)
        #expect(Self.metadata.encoded == Self.typed)
    }

    @Test("A field that is not known is skipped; absent fields are absent")
    func unknownField() throws {
        let typed = bytes(
            """
               0: 00 01 00 00 03 00 00 00 FF FF FF 00 00 00 00 00 | 256, unknown
              16: 05 00 00 00 08 00 00 00 01 00 00 00 00 00 00 00 | status: ok
            """)
        let expected = ExecutionMetadata(app: "", name: "", source: "", status: .ok)
        #expect(try ExecutionMetadata(parsing: typed.rawSpan) == expected)
    }

    @Test(
        "Fields that no writer writes are refused",
        arguments: [
            "0: 05 00 00 00 08 00 00 00 04 00 00 00 00 00 00 00 | no such status",
            "0: 05 00 00 00 08 00 00 00 00 01 00 00 00 00 00 00 | a status of two bytes",
            "0: 06 00 00 00 04 00 00 00 01 00 00 00 00 00 00 00 | a time of four bytes",
            "0: 0E 00 00 00 08 00 00 00 10 00 00 00 00 00 00 00 | a kind without its count",
            "0: 0E 00 00 00 10 00 00 00 00 00 01 00 00 00 00 00 01 00 00 00 00 00 00 00 | kind 65536",
            "0: 0F 00 00 00 02 00 00 00 01 00 00 00 00 00 00 00 | a tag without the length of its key",
            "0: 0F 00 00 00 04 00 00 00 01 00 00 00 00 00 00 00 | a key that is longer than its tag",
        ])
    func invalidFields(typed: String) {
        let typed = bytes(typed)
        #expect {
            try ExecutionMetadata(parsing: typed.rawSpan)
        } throws: { error in
            guard case FormatError.invalidField = error else { return false }
            return true
        }
    }
}
