import FluxFiles
import SimulatedDisk
import TestSupport

extension SimulatedDisk {
    static let sector = 512

    /// A disk with the directory `d` and the file `d/a` of ten sectors of 1, all durable.
    static func withFile(sectorCount: Int = 10) -> SimulatedDisk {
        let disk = SimulatedDisk(directories: ["d"])
        disk.put([UInt8](repeating: 1, count: sectorCount * sector), at: "d/a")
        return disk
    }

    func open(_ path: String = "d/a", _ access: FileAccess = .readWrite) throws(IOError) -> SimulatedFile {
        try fileSystem.open(path, access)
    }

    /// Makes a file with some bytes, and syncs the file but not its directory.
    func make(_ path: String, _ bytes: [UInt8]) throws(IOError) {
        let file = try open(path, .create)
        try file.write(bytes, at: 0)
        try file.sync()
    }

    /// The images that a mode leaves of a file for many seeds.
    func images(_ mode: CrashMode, seeds: Range<UInt64> = 0..<200, of path: String = "d/a") -> [[UInt8]?] {
        seeds.map { seed in
            var generator = SeededGenerator(seed: seed)
            return crashed(mode, using: &generator).bytes(of: path)
        }
    }

    /// The sets of paths that a mode leaves for many seeds.
    func pathSets(_ names: CrashMode.Names, seeds: Range<UInt64> = 0..<200) -> Set<[String]> {
        Set(
            seeds.map { seed in
                var generator = SeededGenerator(seed: seed)
                return crashed(CrashMode(.everything, names: names), using: &generator).paths
            })
    }
}

extension SimulatedFile {
    /// Fills some sectors with one value.
    func fill(_ sectors: Range<Int>, with value: UInt8) throws(IOError) {
        try write(
            [UInt8](repeating: value, count: sectors.count * SimulatedDisk.sector),
            at: sectors.lowerBound * SimulatedDisk.sector)
    }
}

/// The value of each sector; `nil` where it has more than one.
func sectorValues(_ bytes: [UInt8]) -> [UInt8?] {
    stride(from: 0, to: bytes.count, by: SimulatedDisk.sector).map { start in
        let values = Set(bytes[start..<min(bytes.count, start + SimulatedDisk.sector)])
        return values.count == 1 ? values.first : nil
    }
}
