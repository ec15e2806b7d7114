import CFuzzer
import FuzzTargets
import Glibc

/// Fuzzes one target: `flux-fuzz TARGET [options of libFuzzer] [folders of inputs]`. Without a target, names all of them.
@main
struct FluxFuzz {
    /// Names the target to the processes that libFuzzer starts of the same program, with options of its own.
    private static let variable = "FLUX_FUZZ_TARGET"
    /// Chosen once, before the first input.
    nonisolated(unsafe) private static var target: FuzzTarget?

    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        if let name = CommandLine.arguments.dropFirst().first, let found = named(name) {
            target = found
            setenv(variable, name, 1)
            // libFuzzer takes the options behind the program's name.
            CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
            count -= 1
            arguments = CommandLine.unsafeArgv + 1
        } else if let name = getenv(variable) {
            target = named(String(cString: name))
        }
        guard target != nil else {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        _ = LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
            do {
                try FluxFuzz.target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
            } catch {
                preconditionFailure("\(error)")
            }
            return 0
        }
    }

    private static func named(_ name: String) -> FuzzTarget? { FuzzTarget.all.first { $0.name == name } }
}
