import Glibc

/// The words behind the name of a program: a command, and options with their values.
public struct Arguments {
    /// The first word.
    public let command: String
    private var values: [String: String] = [:]

    /// Reads the words.
    public init(_ words: [String]) throws(UsageError) {
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

    /// Runs what the words of the command line ask for. Ends the program with 2 where they mean nothing, and with 1 where
    /// `body` fails.
    public static func run(usage: String, _ body: (Arguments) async throws -> Void) async {
        do {
            try await body(Arguments(Array(CommandLine.arguments.dropFirst())))
        } catch let error as UsageError {
            print("\(error)\n\(usage)")
            exit(2)
        } catch {
            print("\(error)")
            exit(1)
        }
    }

    /// The value of an option; `nil` where it is not given.
    public func text(_ name: String) -> String? { values[name] }

    /// The number that is the value of an option; `nil` where it is not given.
    public func number(_ name: String) throws(UsageError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), number >= 0 else { throw UsageError("--\(name) takes a number, not \(text)") }
        return number
    }
}

/// Arguments that mean nothing.
public struct UsageError: Error, CustomStringConvertible {
    /// What is wrong with them.
    public let description: String

    /// Says what is wrong.
    public init(_ description: String) { self.description = description }
}
