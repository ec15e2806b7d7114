package import TestSupport

/// What a workload does next.
package enum Step: Sendable {
    /// Writes so many batches as one group, or more where they do not fit in one.
    case write(Int)
    case sync
    case roll
    /// Does so many of the jobs that wait.
    case background(Int)
    /// Closes the log in order and opens it again.
    case reopen
    /// Ends as a killed process does, and opens the log again.
    case kill
    /// A write fails in its middle, and the process ends.
    case tear(byteCount: Int)
}

extension Step {
    /// About 300 calls that change the disk.
    package static let script: [Step] = {
        var steps: [Step] = []
        func groups(_ counts: [Int]) { for count in counts { steps += [.write(count), .sync] } }
        groups([1, 2, 5, 1])
        steps += [.write(2), .write(1), .write(3), .sync, .background(1)]
        groups([3, 4, 5, 5, 2, 1, 3])
        steps += [.background(9), .write(4), .sync, .write(5), .reopen]
        groups([2, 1])
        steps += [.roll, .write(1), .background(1), .sync, .background(1), .write(3), .background(1), .sync]
        groups([5, 4, 5, 4, 3])
        steps += [.background(2), .write(3), .tear(byteCount: 700)]
        groups([1, 3, 5])
        steps += [.background(9), .roll, .background(1), .kill, .write(2), .sync, .write(2), .kill]
        groups([4, 5, 5])
        steps += [.background(1), .write(5), .write(5), .sync, .write(1), .background(2), .sync, .reopen]
        groups([1, 1, 2])
        return steps
    }()

    /// A shorter one with a bit of everything.
    package static let shortScript: [Step] = [
        .write(2), .sync, .write(1), .write(3), .sync, .background(1), .write(5), .sync, .write(4), .sync,
        .background(9),
        .write(5), .write(5), .sync, .reopen, .write(3), .sync, .roll, .write(2), .sync, .background(2), .write(1),
        .kill,
        .write(3), .sync, .background(9), .write(1), .sync,
    ]

    /// What follows a recovery.
    package static let afterwards: [Step] = [
        .write(1), .sync, .background(1), .write(3), .write(2), .sync, .roll, .write(1), .sync, .background(9),
    ]

    /// Some steps by chance.
    package static func random(count: Int, using generator: inout SeededGenerator) -> [Step] {
        (0..<count).map { _ in
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<50: .write(Int.random(in: 1...5, using: &generator))
            case 50..<82: .sync
            case 82..<92: .background(Int.random(in: 1...3, using: &generator))
            case 92..<95: .roll
            case 95..<97: .reopen
            case 97..<98: .kill
            default: .tear(byteCount: Int.random(in: 0...3000, using: &generator))
            }
        }
    }
}
