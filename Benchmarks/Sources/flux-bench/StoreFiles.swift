import CBenchFrames
import FluxFormat
import FluxStore
import Foundation

/// The segment files of a store, for the baselines.
struct StoreFiles {
    let paths: [String]

    /// Lists the files in order.
    init(of store: String) throws {
        let folder = "\(store)/seg"
        paths = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".rpl") }.sorted().map { "\(folder)/\($0)" }
        guard !paths.isEmpty else { throw BenchmarkError("\(folder): holds no segment") }
    }

    /// Hands the paths to C.
    func withCPaths<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>, Int) throws -> Result) rethrows -> Result {
        let copies = paths.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer($0) }
        return try pointers.withUnsafeBufferPointer { buffer in
            guard let first = buffer.baseAddress else { preconditionFailure("a store without segments") }
            return try body(first, buffer.count)
        }
    }

    /// Bytes of a file, or of all files in a folder, that are on the disk.
    static func storedByteCount(_ path: String) throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw BenchmarkError("\(path): cannot be looked at") }
        guard status.st_mode & S_IFMT == S_IFDIR else { return Int(status.st_blocks) * 512 }
        return try FileManager.default.contentsOfDirectory(atPath: path).reduce(0) { sum, name in
            sum + (try storedByteCount("\(path)/\(name)"))
        }
    }

    /// The decoded frames of all files.
    func frames() throws -> DecodedFrames {
        guard let frames = withCPaths({ bench_frames_read($0, $1) }) else {
            throw BenchmarkError("a frame of \(paths.joined(separator: ", ")) cannot be read; run fluxrun verify")
        }
        return DecodedFrames(frames)
    }
}

/// Decoded frames that C holds.
final class DecodedFrames {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        bench_frames_free(pointer)
    }

    /// Bytes of heads and bodies.
    var byteCount: UInt64 { bench_frames_byte_count(pointer) }

    /// The number of executions that begin in them.
    var executionCount: Int { bench_frames_execution_count(pointer) }
}

extension EventStore {
    /// Every execution, copied, oldest last.
    func allExecutions() throws -> [Execution] {
        var executions: [Execution] = []
        var token: PageToken?
        repeat {
            let page = try self.executions(limit: 1000, after: token)
            for row in page.executions {
                executions.append(Execution(id: row.id, metadata: row.metadata, events: try events(of: row.id)))
            }
            token = page.nextPageToken
        } while token != nil
        return executions
    }

    /// Makes a store of these executions, and closes it.
    static func fill(
        _ path: String, with executions: [Execution], frameByteCountTarget: Int,
        segmentByteCountMax: Int = StoreOptions().segmentByteCountMax
    ) async throws {
        let options = StoreOptions(
            segmentByteCountMax: segmentByteCountMax, frameByteCountTarget: frameByteCountTarget)
        let store = try open(at: path, options: options)
        for execution in executions { try await store.append(execution) }
        await store.close()
    }
}
