import SimulatedDisk
import TestSupport

extension Arguments {
    /// `BYTES/NAMES`, or `killed` for none.
    func mode(_ name: String) throws(UsageError) -> CrashMode? {
        guard let text = text(name), text != "killed" else { return nil }
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 2, let bytes = CrashMode.Bytes(rawValue: parts[0]),
            let names = CrashMode.Names(rawValue: parts[1])
        else { throw UsageError("--\(name) takes a mode such as randomSectors/eachAtRandom, not \(text)") }
        return CrashMode(bytes, names: names)
    }
}
