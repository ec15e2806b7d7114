/// A decoder, or what is built of some, over bytes that anyone may have written.
///
/// What it is given either throws the room's own error or is read, and what is read must hold. A target traps where the code
/// under it does, and throws ``FuzzViolation`` where a rule does not hold.
public struct FuzzTarget: Sendable {
    /// The name of the target, and of the folder of its inputs.
    public let name: String
    private let body: @Sendable (inout FuzzInput) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (inout FuzzInput) throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Runs the target once.
    public func run(_ bytes: [UInt8]) throws {
        var input = FuzzInput(bytes)
        try body(&input)
    }

    /// Every target.
    public static let all = [
        segmentHeader, frames, payload, lz4, seal, head, metadata, recovery, salvage, pack,
    ]
}

/// A rule that does not hold.
public struct FuzzViolation: Error, CustomStringConvertible {
    /// What was found.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Holds a rule.
func hold(_ claim: Bool, _ what: @autoclosure () -> String) throws {
    if !claim { throw FuzzViolation(what()) }
}
