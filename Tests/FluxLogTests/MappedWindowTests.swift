import FluxFiles
import TestSupport
import Testing

@testable import FluxLog

@Suite("A window that shows a mapping")
struct MappedWindowTests {
    @Test("More than can be looked at at once is waited for elsewhere, and then shown")
    func large() throws {
        let folder = try TemporaryFolder()
        let file = try PosixFileSystem().open("\(folder.path)/file", .create)
        let bytes = (0..<(2 << 20) + 100).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try file.write(bytes, at: 0)
        file.map(bytes.count)
        var window = FileWindow()
        let isThere = try window.fill(
            2 << 20, at: 50, to: bytes.count, aheadTo: bytes.count, of: file, mayWait: false)
        #expect(!isThere)
        #expect(window.awaited == 50..<bytes.count)
        let isThereNow = try window.fill(
            2 << 20, at: 50, to: bytes.count, aheadTo: bytes.count, of: file, mayWait: true)
        #expect(isThereNow)
        let isSame = window.span(50..<50 + (2 << 20)).withUnsafeBytes { $0.elementsEqual(bytes[50..<50 + (2 << 20)]) }
        #expect(isSame)
    }
}
