import CBenchFrames
import Foundation

/// Frames in one layout.
final class SectionVariant {
    static let layouts = [bench_one_section, bench_two_sections]
    private static let roundCount = 15
    private static let roundNanoseconds = 4e6

    /// What is measured.
    private enum Work: CaseIterable {
        case encode
        case decode
        case decodeHeads
        case openExecutions
    }

    let frames: DecodedFrames
    let byteCountTarget: Int
    let sectionCount: Int
    let storedByteCount: UInt64
    private let image: OpaquePointer

    init(_ frames: DecodedFrames, layout: bench_layout, byteCountTarget: Int) throws {
        guard let image = bench_image_make(frames.pointer, layout) else { throw BenchmarkError("no memory") }
        self.frames = frames
        self.byteCountTarget = byteCountTarget
        self.image = image
        sectionCount = Int(layout.rawValue)
        storedByteCount = bench_image_encode(image, frames.pointer)
        let folder = FileManager.default.temporaryDirectory.path
        guard bench_image_save(image, folder) else { throw BenchmarkError("\(folder): could not write a file") }
    }

    deinit {
        bench_image_free(image)
    }

    /// Speeds of every work relative to the first variant, the median of paired rounds: of each variant one list.
    static func times(of variants: [SectionVariant]) throws -> [[Double]] {
        var speeds = variants.map { _ in [Double]() }
        for work in Work.allCases {
            let single = try Meter.threadTime.nanoseconds { try variants[0].perform(work) }
            let repeats = max(1, Int(roundNanoseconds / max(single, 1)))
            var ratios = variants.map { _ in [Double]() }
            for number in 0..<roundCount {
                var times = variants.map { _ in 0.0 }
                let order = number.isMultiple(of: 2) ? Array(variants.indices) : variants.indices.reversed()
                for index in order {
                    times[index] = try Meter.threadTime.nanoseconds {
                        for _ in 0..<repeats { try variants[index].perform(work) }
                    }
                }
                for index in variants.indices { ratios[index].append(times[0] / times[index]) }
            }
            for index in variants.indices { speeds[index].append(ratios[index].median) }
        }
        return speeds
    }

    private func perform(_ work: Work) throws {
        let isWhole =
            switch work {
            case .encode: bench_image_encode(image, frames.pointer) == storedByteCount
            case .decode: bench_image_decode(image)
            case .decodeHeads: bench_image_decode_heads(image)
            case .openExecutions: bench_image_open_executions(image)
            }
        guard isWhole else { throw BenchmarkError("a frame that was encoded does not decode") }
    }
}
