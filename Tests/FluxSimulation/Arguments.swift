import LogSimulation
import SimulatedDisk

/// The words behind the name of the program: a command, and options with their values.
struct Arguments {
    let command: String
    private var values: [String: String] = [:]

    init(_ words: [String]) throws(UsageError) {
        guard let first = words.first, !first.hasPrefix("-") else { throw UsageError("a command is missing") }
        command = first
        var rest = words.dropFirst()
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else {
                throw UsageError("an option with its value belongs where \(name) stands")
            }
            values[String(name.dropFirst(2))] = value
        }
    }

    func number(_ name: String) throws(UsageError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), number >= 0 else { throw UsageError("--\(name) takes a number, not \(text)") }
        return number
    }

    /// `BYTES/NAMES`, or `killed` for none.
    func mode(_ name: String) throws(UsageError) -> CrashMode? {
        guard let text = values[name], text != "killed" else { return nil }
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 2, let bytes = CrashMode.Bytes(rawValue: parts[0]),
            let names = CrashMode.Names(rawValue: parts[1])
        else { throw UsageError("--\(name) takes a mode such as randomSectors/eachAtRandom, not \(text)") }
        return CrashMode(bytes, names: names)
    }
}

/// Arguments that mean nothing.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
