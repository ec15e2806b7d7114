import Testing

@testable import FluxImport

@Suite("Times of recordings")
struct TimestampTests {
    @Test(
        "Are read in each spelling that recorders use",
        arguments: [
            ("Tue, 01 Nov 2011 04:58:44 GMT", 1_320_123_524_000_000_000),
            ("2011-11-01T04:58:44Z", 1_320_123_524_000_000_000), ("2011-11-01 04:58:44 UTC", 1_320_123_524_000_000_000),
            ("2011-11-01T04:58:44", 1_320_123_524_000_000_000),
            ("2011-11-01t06:58:44+02:00", 1_320_123_524_000_000_000),
            ("2011-10-31T20:58:44.0000000-0800", 1_320_123_524_000_000_000),
            ("2011-11-01T04:58Z", 1_320_123_480_000_000_000), ("2011-11-01T04:58:44.5Z", 1_320_123_524_500_000_000),
            ("2011-11-01T04:58:44.1234567891Z", 1_320_123_524_123_456_789),
            ("2011-11-01T04:58:44,25+05:30", 1_320_103_724_250_000_000), ("1970-01-01T00:00:00Z", 0),
            ("2020-02-29T00:00:00Z", 1_582_934_400_000_000_000), ("2000-03-01T00:00:00Z", 951_868_800_000_000_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
            ("1 Nov 2011 04:58:44 +0000", 1_320_123_524_000_000_000),
        ] as [(String, UInt64)])
    func known(text: String, nanoseconds: UInt64) {
        #expect(Timestamp.nanoseconds(text) == nanoseconds)
    }

    @Test(
        "Are unknown where they are anything else",
        arguments: [
            "", "yesterday", "2011", "2011-11-01", "2011-13-01T00:00:00Z", "2011-00-01T00:00:00Z",
            "2011-11-32T00:00:00Z",
            "2011-11-01T24:00:00Z", "2011-11-01T00:60:00Z", "2011-11-01T00:00:61Z", "2011-11-01T00:00:00.Z",
            "2011-11-01T00:00:00X", "2011-11-01T00:00:00Z!", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z", "Tue, 01 Foo 2011 04:58:44 GMT", "2011-11-01T00:00:00+24:00", "-", ",",
            "2011-11-01T",
        ])
    func unknown(text: String) {
        #expect(Timestamp.nanoseconds(text) == nil)
    }

    @Test("A text cut at any byte is read or not, and never stops the program")
    func cut() {
        for text in ["Tue, 01 Nov 2011 04:58:44 GMT", "2011-11-01T04:58:44.123+02:00"] {
            for count in 0...text.count { _ = Timestamp.nanoseconds(String(text.prefix(count))) }
        }
    }

    @Test(
        "Milliseconds are those of an archive, where a negative number is unknown",
        arguments: [
            ("0", 0), ("12.5", 12_500_000), ("0.0000001", 0), ("1e3", 1_000_000_000), ("-1", nil), ("NaN", nil),
            ("", nil),
            ("1e300", nil), ("inf", nil), ("0x10", nil),
        ] as [(String, UInt64?)])
    func milliseconds(text: String, nanoseconds: UInt64?) {
        #expect(Durations.milliseconds(text) == nanoseconds)
    }
}
