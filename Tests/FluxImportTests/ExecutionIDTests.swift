import FluxFormat
import Testing

@testable import FluxImport

@Suite("Ids of imported executions")
struct ExecutionIDTests {
    private func ruby(time: String? = nil, body: String = "x") -> String {
        """
        http_interactions:
        - request: {method: get, uri: "http://a.b/", body: \(body), headers: {a: b}}
          response: {status: {code: 200, message: OK}, body: y, headers: {}}
          recorded_at: \(time ?? "~")
        """
    }

    private func id(_ text: String, path: String = "a.yml", app: String? = nil) throws -> ExecutionID {
        try imported(text, path: path, app: app).executions[0].id
    }

    @Test("Come from content and app, not from the path")
    func path() throws {
        #expect(try id(ruby()) == id(ruby(), path: "other/folder/b.yaml"))
        #expect(try id(ruby(), app: "shop") == id(ruby(), path: "b.yaml", app: "shop"))
        #expect(try id(ruby()) != id(ruby(), app: "shop"))
        #expect(try id(ruby(), app: "shop") != id(ruby(), app: "shop2"))
        #expect(try id(ruby()) != id(ruby(body: "z")))
        #expect(try id(ruby()) != id(ruby(body: "~")))
    }

    @Test("Do not depend on how the file spells the content")
    func spelling() throws {
        #expect(try id(ruby()) == id("# a comment\n" + ruby(body: "'x'")))
        #expect(try id(ruby()) == id(ruby(body: "!!binary eA==")))
    }

    @Test("Are UUIDs of version 7 with the start where a time is recorded, of version 8 else")
    func versions() throws {
        let timed = try id(ruby(time: "Tue, 01 Nov 2011 04:58:44 GMT")).description
        #expect(UInt64(timed.replacing("-", with: "").prefix(12), radix: 16) == 1_320_123_524_000)
        let versions = [timed, try id(ruby()).description, try id(ruby(time: "some day")).description].map {
            String(Array($0)[14])
        }
        #expect(versions == ["7", "8", "8"])
        let variants = try [id(ruby()), id(ruby(time: "2011-11-01T04:58:44Z"))].map { $0.low >> 62 }
        #expect(variants == [2, 2])
        #expect(try id(ruby(time: "2011-11-01T04:58:44Z")).description == timed)
        #expect(try id(ruby(time: "2011-11-01T04:58:45Z")).description != timed)
    }

    @Test("Of pages with different content differ, and so do those of different orders")
    func order() throws {
        func archive(_ urls: [String]) -> String {
            let entries = urls.map { #"{"request":{"method":"GET","url":"\#($0)"}}"# }
            return #"{"log":{"entries":[\#(entries.joined(separator: ","))]}}"#
        }
        let ids = try [["/a", "/b"], ["/b", "/a"], ["/a"], ["/a", "/a"]].map { try id(archive($0), path: "a.har") }
        #expect(Set(ids).count == 4)
    }

    @Test("Are the same in every release: changing one would store every recording a second time")
    func golden() throws {
        #expect(try id(ruby()).description == "99275e7e-52fb-85ac-9982-c63ba1d46953")
        #expect(
            try id(ruby(time: "2011-11-01T04:58:44Z"), app: "shop").description
                == "01335d7e-63a0-7d1b-bbcc-92c607f245db")
    }
}
