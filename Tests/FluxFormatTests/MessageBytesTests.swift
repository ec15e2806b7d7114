import FluxFormat
import Testing

@Suite("Descriptor and HTTP payload, byte by byte")
struct MessageBytesTests {
    static let descriptorBytes = bytes(
        """
           0: 01 00                   | schema
           2: 02                      | effect: write
           3: 01                      | outcome: value
           4: 03 00                   | attempt
           6: C9 00                   | status 201
           8: 40 42 0F 00 00 00 00 00 | duration: a millisecond
          16: 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F | match key
          32: 88 77 66 55 44 33 22 11 | place
          40: 02 00 00 00             | request body
          44: 03 00 00 00             | response body
          48: 01 00 00 00 04 00 00 00 50 4F 53 54 00 00 00 00 | 1 method: POST
          64: 02 00 00 00 0A 00 00 00 68 74 74 70 3A 2F 2F 61 2F 62 00 00 00 00 00 00 | 2 target: http://a/b
          88: 03 00 00 00 03 00 00 00 61 3A 31 00 00 00 00 00 | 3 site: a:1
         104: 04 00 00 00 03 00 00 00 61 40 31 00 00 00 00 00 | 4 adapter: a@1
        """)

    static var descriptor: EventDescriptor {
        var descriptor = EventDescriptor(effect: .write, outcome: .value)
        descriptor.attempt = 3
        descriptor.status = 201
        descriptor.durationNanoseconds = 1_000_000
        descriptor.matchKey = (0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F)
        descriptor.place = 0x1122_3344_5566_7788
        descriptor.requestByteCount = 2
        descriptor.responseByteCount = 3
        descriptor.method = "POST"
        descriptor.target = "http://a/b"
        descriptor.site = "a:1"
        descriptor.adapter = "a@1"
        return descriptor
    }

    @Test("The descriptor is read from the typed bytes, and written as they are")
    func descriptor() throws {
        #expect(try EventDescriptor(parsing: Self.descriptorBytes.rawSpan) == Self.descriptor)
        #expect(Self.descriptor.encoded == Self.descriptorBytes)
    }

    static let exchangeBytes = bytes(
        """
           0: 04 00 00 00 00 00 00 00 | four parts
           8: 01 00 04 00 35 00 00 00 | request head, http, 53 bytes
          16: 02 00 00 00 02 00 00 00 | request body, raw, 2 bytes
          24: 03 00 04 00 18 00 00 00 | response head, http, 24 bytes
          32: 04 00 00 00 03 00 00 00 | response body, raw, 3 bytes
          40: 00 00 00 00 05 00 00 00 | no status, five strings
          48: 04 00 00 00 50 4F 53 54 | "POST"
          56: 0A 00 00 00 68 74 74 70 3A 2F 2F 61 2F 62 | "http://a/b"
          70: 08 00 00 00 48 54 54 50 2F 31 2E 31 | "HTTP/1.1"
          82: 01 00 00 00 58          | "X"
          87: 02 00 00 00 79 7A       | "yz"
          93: 00 00 00                | padding
          96: 68 69 00 00 00 00 00 00 | "hi", padding
         104: C9 00 00 00 02 00 00 00 | status 201, two strings
         112: 00 00 00 00             | no reason
         116: 08 00 00 00 48 54 54 50 2F 31 2E 30 | "HTTP/1.0"
         128: FF 00 FE 00 00 00 00 00 | the bytes of the answer, padding
        """)

    static var exchange: HTTPExchange {
        HTTPExchange(
            request: HTTPRequestRecord(
                method: "POST", url: "http://a/b", version: "HTTP/1.1", headers: [HTTPHeader("X", "yz")],
                body: Array("hi".utf8)),
            response: HTTPResponseRecord(status: 201, version: "HTTP/1.0", body: [0xFF, 0, 0xFE]))
    }

    @Test("The exchange is read from the typed bytes, and written as they are")
    func exchange() throws {
        #expect(try HTTPExchange(payload: Self.exchangeBytes.rawSpan) == Self.exchange)
        let event = Self.exchange.event(sequence: 3)
        #expect(event.payload == Self.exchangeBytes)
        #expect(event.kind == .http && event.encoding == .parts)
        #expect(event.issued == 7 && event.done == 8 && event.name == "a")
        let descriptor = try EventDescriptor(parsing: event.descriptor.rawSpan)
        #expect(descriptor.effect == .write && descriptor.status == 201)
        #expect(descriptor.requestByteCount == 2 && descriptor.responseByteCount == 3)
    }

    @Test("No answer, an empty body and no body stay three things")
    func absentParts() throws {
        var exchange = Self.exchange
        exchange.response?.body = []
        exchange.request.body = nil
        let withEmpty = exchange.event(sequence: 0)
        #expect(try HTTPExchange(payload: withEmpty.payload.rawSpan) == exchange)
        exchange.response = nil
        let pending = exchange.event(sequence: 0)
        #expect(try HTTPExchange(payload: pending.payload.rawSpan) == exchange)
        #expect(pending.done == 0)
        #expect(try EventDescriptor(parsing: pending.descriptor.rawSpan).outcome == .pending)
    }

    @Test("A part of an unknown role is skipped; a payload without a request head is refused")
    func unknownRole() throws {
        let parts = [
            PayloadPart(role: .init(rawValue: 99), encoding: .cbor, bytes: [1, 2, 3]),
            PayloadPart(role: .requestHead, encoding: .http, bytes: Array(Self.exchangeBytes[40..<93])),
        ]
        let read = try HTTPExchange(payload: PayloadPart.payload(of: parts).rawSpan)
        #expect(read.request.headers == Self.exchange.request.headers)
        let headless = PayloadPart.payload(of: [parts[0]])
        #expect(throws: FormatError.invalidField("an HTTP payload without a request head")) {
            try HTTPExchange(payload: headless.rawSpan)
        }
    }

    @Test("An exchange whose stamps would not fit is a wrong program")
    func tooManyExchanges() async {
        await #expect(processExitsWith: .failure) {
            _ = HTTPExchange(request: HTTPRequestRecord(method: "GET", url: "/"), response: nil).event(sequence: .max)
        }
    }
}
