import Foundation

/// A ratio that is better the greater it is, in each round.
struct Ratio {
    let name: String
    /// What it is to be.
    let goal: Double
    /// What it must be on any machine, whatever else that does.
    let floor: Double
    var rounds: [Double] = []

    /// Prints the ratios with their rounds; `false` where the median of one is below its floor.
    static func report(_ ratios: [Ratio]) -> Bool {
        for ratio in ratios {
            let values = ratio.rounds.map { String(format: "%.2f", $0) }.joined(separator: " ")
            let median = ratio.median
            print(
                String(format: "%@: %@; goal %.2f: ", ratio.name, values, ratio.goal)
                    + (median >= ratio.goal ? "reached" : "not reached")
                    + String(format: "; floor %.2f: ", ratio.floor) + (median >= ratio.floor ? "held" : "MISSED"))
        }
        return ratios.allSatisfy { $0.median >= $0.floor }
    }

    private var median: Double { rounds.sorted()[rounds.count / 2] }
}
