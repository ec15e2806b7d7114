import FluxFormat
import FluxStore

/// Claim: heads apart from bodies cost little against one section, and make a pass over the heads much cheaper. Prints
/// the table from which the layout was chosen; there is no floor, for the layout is part of the format.
struct SectionBenchmark {
    private static let byteCountTargets = [64 << 10, 128 << 10]
    private static let tinyCount = 1000

    let path: String

    func run() async throws -> Bool {
        let store = try EventStore.open(at: path, options: StoreOptions(access: .readOnly))
        var executions: [String: [Execution]] = [:]
        for execution in try store.allExecutions() {
            executions[execution.metadata.source, default: []].append(execution)
        }
        print("| data | target | sections | stored / raw | encode | decode | heads only | open |")
        print("|---|---|---|---:|---:|---:|---:|---:|")
        for (source, executions) in executions.sorted(by: { $0.key < $1.key }) {
            try await measure(source, executions, byteCountTargets: Self.byteCountTargets)
        }
        let tiny = GeneratedExecutions.tiny(count: Self.tinyCount, seed: 1)
        try await measure("tiny", tiny, byteCountTargets: [Self.byteCountTargets[0]])
        return true
    }

    private func measure(_ name: String, _ executions: [Execution], byteCountTargets: [Int]) async throws {
        var variants: [SectionVariant] = []
        for target in byteCountTargets {
            let folder = try ScratchFolder()
            try await EventStore.fill(folder.path, with: executions, frameByteCountTarget: target)
            let frames = try StoreFiles(of: folder.path).frames()
            for layout in SectionVariant.layouts {
                variants.append(try SectionVariant(frames, layout: layout, byteCountTarget: target))
            }
        }
        let times = try SectionVariant.times(of: variants)
        let frames = variants[0].frames
        let title = "\(name) (\(frames.executionCount) executions, \((frames.byteCount + 512) / 1024) KiB)"
        for (variant, time) in zip(variants, times) {
            let target = byteCountTargets.count == 1 ? "any" : "\(variant.byteCountTarget >> 10) KiB"
            let ratio = Double(variant.storedByteCount) / Double(frames.byteCount)
            let speeds = time.map { $0.text(2) }.joined(separator: " | ")
            print("| \(title) | \(target) | \(variant.sectionCount) | \(ratio.text(3)) | \(speeds) |")
        }
    }
}
