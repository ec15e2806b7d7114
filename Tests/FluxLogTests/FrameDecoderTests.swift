import FluxFormat
import TestSupport
import Testing

@testable import FluxLog

@Suite("Decoding a frame")
struct FrameDecoderTests {
    private static let salt: UInt64 = 77

    /// A frame of META and events, with both sections compressed or both stored.
    private static func frame(compressible: Bool) throws -> EncodedFrame {
        var execution = Sample.execution(seed: 5, eventCount: 6, payloadByteCountMax: 60)
        if !compressible {
            var generator = SeededGenerator(seed: 1)
            execution.events = [
                Event(
                    kind: .http, encoding: .parts, sequence: 1, name: "n",
                    descriptor: (0..<700).map { _ in UInt8(truncatingIfNeeded: generator.next()) },
                    payload: (0..<300).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
            ]
        } else {
            execution.events[3].payload = Array(repeating: 9, count: 700)
        }
        var encoder = try BatchEncoder(
            execution, encoder: FrameEncoder(storeSalt: salt), frameByteCountTarget: 65536)
        let batch = encoder.next()
        let frame = try #require(batch?.frames.first)
        let codec = compressible ? SectionCodec.lz4 : .stored
        #expect(frame.header.headsCodec == codec && frame.header.bodiesCodec == codec)
        return frame
    }

    /// Decodes and touches every record; returns the bytes seen, or `nil` when the frame is refused.
    @discardableResult
    private func read(_ header: FrameHeader, _ payload: [UInt8], _ decoder: inout FrameDecoder) -> Int? {
        do throws(FormatError) {
            _ = try? decoder.metadata(header, payload: payload.rawSpan, storeSalt: Self.salt)
            try decoder.decode(header, payload: payload.rawSpan, storeSalt: Self.salt)
            var byteCount = 0
            for index in 0..<decoder.recordCount {
                let view = decoder.record(at: index)
                byteCount += view.payload.array.count + view.descriptor.array.count
                byteCount += view.lane.utf8.count + (view.name?.utf8.count ?? 0)
                _ = try? EventDescriptor(parsing: view.descriptor)
                _ = try? HTTPExchange(payload: view.payload)
            }
            return byteCount
        } catch {
            return nil
        }
    }

    @Test("A payload cut at every byte is refused", arguments: [true, false])
    func cut(compressible: Bool) throws {
        let frame = try Self.frame(compressible: compressible)
        var decoder = FrameDecoder()
        #expect(read(frame.header, frame.payload, &decoder) != nil)
        for byteCount in frame.payload.indices {
            #expect(read(frame.header, Array(frame.payload.prefix(byteCount)), &decoder) == nil, "\(byteCount)")
        }
    }

    @Test("A payload flipped at every byte is refused by its hashes", arguments: [true, false])
    func flipped(compressible: Bool) throws {
        let frame = try Self.frame(compressible: compressible)
        var decoder = FrameDecoder()
        for offset in frame.payload.indices {
            var payload = frame.payload
            payload[offset] ^= 0x08
            #expect(read(frame.header, payload, &decoder) == nil, "\(offset)")
        }
    }

    /// Gives the payload the hashes that its bytes have.
    private func rehash(_ header: inout FrameHeader, _ payload: inout [UInt8]) {
        let start = 48 + wordAligned(Int(payload.rawSpan.load(at: 16, as: UInt32.self)))
        guard start <= payload.count else { return }
        payload.store(XXH3.hash(payload.rawSpan.extracting(start..<payload.count), seed: Self.salt), at: 8)
        header.payloadHash = XXH3.hash(payload.rawSpan.extracting(0..<start), seed: Self.salt)
    }

    @Test(
        "A payload flipped at every bit, with its hashes made anew, is refused or read in bounds",
        arguments: [true, false])
    func rehashedFlips(compressible: Bool) throws {
        let frame = try Self.frame(compressible: compressible)
        var decoder = FrameDecoder()
        for offset in frame.payload.indices {
            for bit in 0..<8 {
                var header = frame.header
                var payload = frame.payload
                payload[offset] ^= 1 << bit
                rehash(&header, &payload)
                read(header, payload, &decoder)
            }
        }
    }

    @Test("Headers and payloads changed at random, with their hashes made anew", arguments: [1, 2, 3, 4] as [UInt64])
    func rehashedChanges(seed: UInt64) throws {
        let frames = [try Self.frame(compressible: true), try Self.frame(compressible: false)]
        var generator = SeededGenerator(seed: seed)
        var decoder = FrameDecoder()
        for round in 0..<3000 {
            var header = frames[round % 2].header
            var payload = frames[round % 2].payload
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = 4 * Int.random(in: 4..<payload.count / 4, using: &generator)
                let values: [UInt32] = [0, 1, 8, 0xFF, UInt32(payload.count), .max, .max / 2, .max - 7]
                let value = values.randomElement(using: &generator) ?? 0
                payload.store(
                    value &+ .random(in: 0...2, using: &generator),
                    at: Bool.random(using: &generator) ? place : 16 + place % 32)
            }
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: header.rawByteCount = .random(in: 0...16 << 20, using: &generator)
            case 1: header.storedByteCount = .random(in: 0...2000, using: &generator)
            case 2: header.codec = [0x00, 0x01, 0x10, 0x11, 0x02, 0x20].randomElement(using: &generator) ?? 0
            case 3: header.eventCount = .random(in: 0...9, using: &generator)
            default:
                let sizes = payload.rawSpan
                let raw =
                    48 + wordAligned(Int(sizes.load(at: 20, as: UInt32.self)))
                    + Int(sizes.load(at: 24, as: UInt32.self))
                header.rawByteCount = UInt32(clamping: min(raw, 16 << 20))
            }
            rehash(&header, &payload)
            read(header, payload, &decoder)
        }
    }

    @Test("A frame of another kind, and a codec that is not known, are refused")
    func otherCodecs() throws {
        let frame = try Self.frame(compressible: true)
        var decoder = FrameDecoder()
        for codec in [0x21, 0x12, 0x22, 0x01, 0x10, 0x00] as [UInt8] {
            var header = frame.header
            header.codec = codec
            #expect(read(header, frame.payload, &decoder) == nil)
        }
    }

    #if DEBUG
        @Test("A view kept over the next turn shows overwritten memory")
        func scribble() throws {
            let frame = try Self.frame(compressible: true)
            let payload = frame.payload
            var decoder = FrameDecoder()
            try decoder.decode(frame.header, payload: payload.rawSpan, storeSalt: Self.salt)
            let kept = decoder.record(at: 4)
            #expect(kept.payload.array == [UInt8](repeating: 9, count: 700))
            decoder.invalidate()
            #expect(kept.payload.array == [UInt8](repeating: 0xDB, count: 700))
            #expect(kept.laneBytes.array.allSatisfy { $0 == 0xDB })
        }

        @Test("A loader's buffer is overwritten when it is voided")
        func loaderScribble() throws {
            let log = TestLog()
            let writer = try log.open().writer
            let frame = try log.append(Sample.execution(seed: 1, eventCount: 3), to: writer)[0]
            let segment = try #require(try log.segments().first)
            var loader = FrameLoader()
            let header = try loader.load(
                segment.file, segment: segment.header, at: frame.position, byteCount: frame.header.frameByteCount)
            #expect(header == frame.header)
            let kept = loader.unownedPayload
            loader.invalidate()
            let isOverwritten = kept.array.allSatisfy { $0 == ByteBuffer.scribble }
            #expect(isOverwritten)
        }
    #endif

    @Test("A loader refuses a frame of another length, behind the end, or of no possible size")
    func loader() throws {
        let log = TestLog()
        let writer = try log.open().writer
        let frame = try log.append(Sample.execution(seed: 1, eventCount: 3), to: writer)[0]
        let segment = try #require(try log.segments().first)
        let byteCount = frame.header.frameByteCount
        var loader = FrameLoader()
        for wrong in [0, 95, 96, byteCount - 8, byteCount + 8, 17 << 20, -1, Int.max] {
            #expect(throws: LogError.self) {
                try loader.load(segment.file, segment: segment.header, at: frame.position, byteCount: wrong)
            }
        }
        for place in [0, 8, 4104, byteCount + 4096, Int(UInt32.max)] {
            #expect(throws: LogError.self) {
                try loader.load(
                    segment.file, segment: segment.header, at: Position(segment: 1, offset: place),
                    byteCount: byteCount)
            }
        }
    }
}
