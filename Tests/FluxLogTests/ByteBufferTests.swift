import FluxLog
import Testing

@Suite("Byte buffer")
struct ByteBufferTests {
    @Test("Frames of nearly the same size do not make it grow again", arguments: [60_000, 64 << 10])
    func nearlyTheSameSize(byteCount: Int) {
        var buffer = ByteBuffer()
        buffer.reserve(byteCount - 1000)
        let capacity = buffer.capacity
        buffer.reserve(byteCount)
        #expect(buffer.capacity == capacity)
        #expect(buffer.capacity >= byteCount)
    }

    @Test("It grows to what is asked for, and keeps the first bytes", arguments: [1, 2, 3, 1000, 1024, 1025, 1 << 20])
    func growth(byteCount: Int) {
        var buffer = ByteBuffer()
        buffer.reserve(1)
        buffer.withMutableBytes(0..<1) { $0[0] = 42 }
        buffer.reserve(byteCount, keeping: 1)
        #expect(buffer.capacity >= byteCount && buffer.capacity < max(2, 2 * byteCount))
        let first = buffer.span(0..<1).withUnsafeBytes { $0[0] }
        #expect(first == 42)
    }
}
