/// A promise that does not hold, or a run that cannot go on.
struct SoakFailure: Error, CustomStringConvertible {
    let description: String
    /// Whether a store broke a promise.
    let isBrokenPromise: Bool

    init(_ description: String, isBrokenPromise: Bool = false) {
        self.description = description
        self.isBrokenPromise = isBrokenPromise
    }

    /// The same failure, with the place where it was met.
    init(_ place: String, _ error: any Error) {
        let failure = error as? SoakFailure
        self.init("\(place): \(error)", isBrokenPromise: failure?.isBrokenPromise ?? false)
    }
}
