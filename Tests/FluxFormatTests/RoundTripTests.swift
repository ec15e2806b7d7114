import FluxFormat
import TestSupport
import Testing

@Suite("Round trips from a seed")
struct RoundTripTests {
    @Test("Metadata comes back as it was written", arguments: [1, 2, 3] as [UInt64])
    func metadata(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var metadata = ExecutionMetadata(
                app: text(&generator), name: text(&generator), source: text(&generator), route: text(&generator),
                status: ExecutionMetadata.Status.allCases.randomElement(using: &generator) ?? .ok)
            if Bool.random(using: &generator) { metadata.startedAt = generator.next() }
            if Bool.random(using: &generator) { metadata.durationNanoseconds = generator.next() }
            if Bool.random(using: &generator) { metadata.requestID = text(&generator) }
            if Bool.random(using: &generator) { metadata.traceID = text(&generator) }
            if Bool.random(using: &generator) { metadata.sdkVersion = text(&generator) }
            if Bool.random(using: &generator) { metadata.errorFingerprint = text(&generator) }
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                metadata.tags[text(&generator)] = text(&generator)
                metadata.count(EventKind(rawValue: UInt16.random(in: 16...40, using: &generator)))
            }
            #expect(try ExecutionMetadata(parsing: metadata.encoded.rawSpan) == metadata)
        }
    }

    @Test("A descriptor comes back as it was written", arguments: [1, 2, 3] as [UInt64])
    func descriptor(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var descriptor = EventDescriptor(
                effect: [.none, .read, .write].randomElement(using: &generator) ?? .none,
                outcome: [.pending, .value, .error, .cancelled, .blocked].randomElement(using: &generator) ?? .value)
            descriptor.attempt = .random(in: 0 ... .max, using: &generator)
            descriptor.status = .random(in: 0 ... .max, using: &generator)
            descriptor.matchKey = (generator.next(), generator.next())
            descriptor.place = generator.next()
            descriptor.requestByteCount = .random(in: 0 ... .max, using: &generator)
            descriptor.responseByteCount = .random(in: 0 ... .max, using: &generator)
            if Bool.random(using: &generator) { descriptor.durationNanoseconds = generator.next() >> 1 }
            if Bool.random(using: &generator) { descriptor.method = text(&generator) }
            if Bool.random(using: &generator) { descriptor.target = text(&generator) }
            if Bool.random(using: &generator) { descriptor.site = text(&generator) }
            if Bool.random(using: &generator) { descriptor.adapter = text(&generator) }
            let read = try EventDescriptor(parsing: descriptor.encoded.rawSpan)
            #expect(read == descriptor)
            #expect(read.matchKey == descriptor.matchKey && read.method == descriptor.method)
        }
    }

    @Test("An exchange comes back as it was recorded", arguments: [1, 2, 3] as [UInt64])
    func exchange(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var exchange = HTTPExchange(
                request: HTTPRequestRecord(
                    method: text(&generator), url: text(&generator), version: text(&generator),
                    headers: headers(&generator), body: body(&generator)),
                response: nil)
            if Bool.random(using: &generator) {
                exchange.response = HTTPResponseRecord(
                    status: .random(in: 0 ... .max, using: &generator), reason: text(&generator),
                    version: text(&generator), headers: headers(&generator), body: body(&generator))
            }
            if Bool.random(using: &generator) { exchange.durationNanoseconds = generator.next() >> 1 }
            let event = exchange.event(sequence: UInt32(seed))
            let descriptor = try EventDescriptor(parsing: event.descriptor.rawSpan)
            let read = try HTTPExchange(payload: event.payload.rawSpan, descriptor: descriptor)
            #expect(read == exchange)
            #expect(event.descriptor.count <= FormatLimit.descriptorByteCountMax)
        }
    }

    @Test("Ids and page tokens are read from their own text, and from no other spelling")
    func texts() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let id = ExecutionID(high: generator.next() >> UInt64.random(in: 0...63), low: generator.next())
            #expect(ExecutionID(id.description) == id)
            let place = ListPlace(startedAt: generator.next() >> 3, firstFrameSequence: generator.next() >> 40)
            let order = Bool.random(using: &generator) ? ExecutionOrder.newestFirst : .oldestFirst
            let token = PageToken(
                order: order, storeID: generator.next(), queryDigest: generator.next(), place: place)
            #expect(PageToken(token.description) == token)
            #expect(PageToken("+" + token.description) == nil)
            #expect(PageToken("0" + token.description) == nil)
        }
    }

    @Test("An id of a time sorts by it and is of version 7; one of bits alone is of version 8")
    func ids() {
        let early = ExecutionID(unixMilliseconds: 1_700_000_000_000, bits: (.max, .max))
        let late = ExecutionID(unixMilliseconds: 1_700_000_000_001, bits: (0, 0))
        #expect(early < late)
        #expect(early.description == "018bcfe5-6800-7fff-bfff-ffffffffffff")
        #expect(ExecutionID(bits: (.max, .max)).description == "ffffffff-ffff-8fff-bfff-ffffffffffff")
    }

    private func text(_ generator: inout SeededGenerator) -> String {
        let letters = [
            "", "a", "shop", "/orders/7", "\u{E9}", "日本", "😀", "\u{0}", "\r\n", String(repeating: "x", count: 300),
        ]
        return (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            letters.randomElement(using: &generator) ?? ""
        }.joined()
    }

    private func headers(_ generator: inout SeededGenerator) -> [HTTPHeader] {
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in HTTPHeader(text(&generator), text(&generator)) }
    }

    private func body(_ generator: inout SeededGenerator) -> [UInt8]? {
        guard Bool.random(using: &generator) else { return nil }
        return (0..<Int.random(in: 0...500, using: &generator)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
}
