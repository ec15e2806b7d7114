import Testing

@testable import FluxFormat

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    private func value(_ text: String) throws -> JSONValue { try JSONText.value(of: Array(text.utf8)) }

    private func error(_ bytes: [UInt8]) -> JSONError? {
        do {
            _ = try JSONText.value(of: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "Texts of one value are the same",
        arguments: [
            (#"{"a":1,"b":[true,null]}"#, "\t{ \"b\" : [ true ,null ],\r\n\"a\":1 }\n"), ("1", "1.0"), ("1", "10e-1"),
            ("100", "1E+2"), ("0", "-0.00e5"), ("-1.50", "-15e-1"), ("1e5", "1e0000005"),
            (#""\u00e9\/\n""#, "\"é/\\u000a\""), (#""\ud83d\ude00""#, "\"😀\""), (#"{"\u0061":1}"#, #"{"a":1}"#),
            ("[]", "[ ]"), ("{}", "{\n}"),
            ("123456789012345678901234567890", "123456789012345678901234567890.0"),
        ])
    func same(first: String, second: String) throws {
        #expect(try value(first).isSameValue(as: value(second)))
    }

    @Test(
        "Texts of different values are not",
        arguments: [
            ("[1,2]", "[2,1]"), ("1", #""1""#), ("null", "{}"), ("[]", "{}"), ("[[],1]", "[[1]]"), ("1", "-1"),
            ("0.1", "0.10000000000000000001"), (#"{"a":1}"#, #"{"A":1}"#), (#"{"a":null}"#, "{}"), ("true", "false"),
            (#""\ud800""#, #""\ud801""#), (#""\ud800""#, #""\ufffd""#), ("\"e\u{301}\"", "\"\u{e9}\""),
            // Exponents that are too long to calculate with.
            ("1.5e99999999999999999", "15e99999999999999999"), ("1e99999999999999999", "1e99999999999999998"),
            ("1.0e-99999999999999999", "10e-99999999999999999"),
        ])
    func different(first: String, second: String) throws {
        #expect(try !value(first).isSameValue(as: value(second)))
    }

    @Test(
        "Text that is no JSON is refused at its byte",
        arguments: [
            ("", 0), (" ", 1), ("{", 1), ("[1,]", 3), ("[1 2]", 3), (#"{"a"}"#, 4), (#"{"a":1,}"#, 7), ("{a:1}", 1),
            ("01", 2), ("-", 1), ("+1", 0), ("1.", 2), ("1e", 2), (".5", 0), ("tru", 0), ("nul", 0), ("NaN", 0),
            ("'a'", 0), ("\"a", 2), ("\"\\x\"", 2), ("\"\\u12\"", 1), ("\"\n\"", 1), ("1 1", 2), ("]", 0), ("[}", 1),
            ("\u{FEFF}1", 0), ("/**/1", 0),
        ])
    func refused(text: String, offset: Int) {
        #expect(error(Array(text.utf8))?.offset == offset)
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x31, 0xC3]])
    func notUTF8(bytes: [UInt8]) {
        #expect(error(bytes)?.reason == "not UTF-8")
    }

    @Test("A text cut at any byte is refused or a shorter number")
    func cut() throws {
        let text = Array(#"{"a":[1,-2.5e+3,"\u00e9\ud83d\ude00x",true,false,null,{}],"b":{"c":[]}}"#.utf8)
        #expect(error(text) == nil)
        for count in text.indices { #expect(error(Array(text[..<count])) != nil) }
    }

    @Test("Reading what was written gives the same value")
    func writing() throws {
        let text = #"{"a":[1,-2.50e+3,"\u0000\u001f\"\\é\ud800","\ud83d\ude00",true,null,{},[]],"a":1}"#
        let value = try value(text)
        #expect(try JSONText.value(of: value.encoded) == value)
        #expect(
            String(decoding: value.encoded, as: UTF8.self).hasPrefix(#"{"a":[1,-2.50e+3,"\u0000\u001f\"\\é\ud800","#))
    }

    @Test(
        "An object with two members of one name is found at any depth",
        arguments: [
            (#"{"a":1,"a":1}"#, true), (#"[{"b":{"a":1,"\u0061":2}}]"#, true), (#"{"a":{"a":{"a":1}}}"#, false),
            ("[1,1]", false),
        ])
    func duplicates(text: String, hasDuplicate: Bool) throws {
        #expect(try value(text).hasDuplicateMember == hasDuplicate)
    }

    @Test("Nesting is read up to its limit", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(open: String, close: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        let deepest = try JSONText.value(of: nested(JSONText.depthMax))
        #expect(!deepest.hasDuplicateMember)
        #expect(try JSONText.value(of: deepest.encoded) == deepest)
        #expect(error(nested(JSONText.depthMax + 1))?.reason == "nested deeper than 512 levels")
    }
}
