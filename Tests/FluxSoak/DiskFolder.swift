import FluxFiles
import Foundation
import SimulatedDisk

/// A folder with the files of a disk.
struct DiskFolder {
    let path: String

    /// Makes the folder anew, with what lies on the disk.
    func write(_ disk: SimulatedDisk) throws {
        let manager = FileManager.default
        if manager.fileExists(atPath: path) { try manager.removeItem(atPath: path) }
        for directory in try Self.directories(of: disk) {
            try manager.createDirectory(atPath: "\(path)/\(directory)", withIntermediateDirectories: true)
        }
        for (name, bytes) in disk.contents { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }
    }

    /// What differs between the folder and the disk, as a line; `nil` where nothing does. Memory that processes share is
    /// not compared.
    func difference(from disk: SimulatedDisk) throws -> String? {
        var expected = disk.contents
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) where !name.hasSuffix("-shm") {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isDirectory),
                !isDirectory.boolValue
            else { continue }
            let bytes = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
            guard let wanted = expected.removeValue(forKey: name) else { return "the journal has no \(name)" }
            guard wanted.elementsEqual(bytes) else { return "the journal has another \(name)" }
        }
        return expected.keys.first.map { "the folder has no \($0)" }
    }

    private static func directories(of disk: SimulatedDisk) throws -> [String] {
        let files = disk.fileSystem
        var found: [String] = []
        var open = [""]
        while let directory = open.popLast() {
            found.append(directory)
            for name in try files.list(directory) where try files.kind(of: "\(directory)/\(name)") == .directory {
                open.append(directory.isEmpty ? name : "\(directory)/\(name)")
            }
        }
        return found
    }
}

/// The folder of a run: on the disk, where blocks can be reserved, or in memory, where syncs cost nothing.
struct ScratchFolder {
    let path: String

    init(inMemory: Bool) throws {
        let memory = "/dev/shm"
        let parent =
            inMemory && FileManager.default.isWritableFile(atPath: memory)
            ? URL(filePath: memory) : FileManager.default.temporaryDirectory
        let url = parent.resolvingSymlinksInPath().appending(path: "flux-soak-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    func remove() {
        // What cannot be removed is left to the system.
        try? FileManager.default.removeItem(atPath: path)
    }
}
