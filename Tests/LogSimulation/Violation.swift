/// A promise of the log that was broken.
package struct Violation: Error, CustomStringConvertible {
    /// The name of the check, as in `durable` or `quarantine`.
    package let check: String
    package let reason: String

    package init(_ check: String, _ reason: String) {
        self.check = check
        self.reason = reason
    }

    package var description: String { "\(check): \(reason)" }
}

/// A violation, and how to see it again.
package struct Failure: Error, CustomStringConvertible {
    package let arguments: String
    package let violation: Violation
    /// The calls that the disk has got.
    package let trace: String

    package var description: String {
        "\(trace)\n\(violation)\nagain with: flux-simulation \(arguments)"
    }
}
