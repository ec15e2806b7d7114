import FluxFormat
import Testing

@testable import FluxImport

@Suite("A body that is a tree")
struct CompactJSONTests {
    private func json(_ yaml: String) throws -> String? {
        try text(
            imported(
                """
                interactions:
                - request: {method: GET, uri: "http://a.b/"}
                  response:
                    status: {code: 200}
                    parsed_body: \(yaml)
                version: 1
                """
            ).exchange.response?.body)
    }

    @Test("Becomes JSON without blanks, keys in file order")
    func order() throws {
        #expect(
            try json("\n      z: 1\n      a: [x, {c: {}, b: []}]\n      '1': \"\"\n      2: ~")
                == #"{"z":1,"a":["x",{"c":{},"b":[]}],"1":"","2":null}"#)
    }

    @Test(
        "Keeps the spelling of a number that JSON and YAML agree on",
        arguments: ["0", "-0", "10", "-12.50", "1.0", "1.5e+3", "1.5E-3", "123456789012345678901234567890"])
    func numbers(scalar: String) throws {
        #expect(try json("[\(scalar)]") == "[\(scalar)]")
        #expect(try json("['\(scalar)']") == "[\"\(scalar)\"]")
        #expect(try json("[!!float \(scalar)]") == "[\(scalar)]")
    }

    @Test(
        "Writes everything else as a text",
        arguments: [
            "on", "yes", "no", "off", "y", "1e5", "1.5e3", "1_000", "0x1f", "017", "+1", ".5", "1.", ".inf", "-.inf",
            ".nan",
            "12:30:45", "2001-12-14", "2025-01-01T00:00:00Z", "tRUE", "nan", "é", "1.2.3",
        ])
    func texts(scalar: String) throws {
        #expect(try json("[\(scalar)]") == "[\"\(scalar)\"]")
    }

    @Test("Knows the truth values and null of JSON, and of YAML where they are spelled alike")
    func constants() throws {
        #expect(try json("[true, True, TRUE, false, False, FALSE]") == "[true,true,true,false,false,false]")
        #expect(try json("[null, Null, NULL, ~, '']") == #"[null,null,null,null,""]"#)
        #expect(try json("['true', !!str true, !!bool true]") == #"["true","true",true]"#)
    }

    @Test("Escapes what JSON must escape, and nothing else")
    func escapes() throws {
        #expect(
            try json(#"["\"\\\n\r\t\b\f\0\e\x1f\x7f/é\u2028<"]"#)
                == #"["\"\\\n\r\t\b\f\u0000\u001b\u001f"# + "\u{7F}/é\u{2028}<\"]")
    }

    @Test("Is the bytes of a scalar where it is none")
    func scalars() throws {
        #expect(try json("plain") == #""plain""#)
        #expect(try json("1.50") == "1.50")
    }
}
