/// A bar on a terminal for work that takes over a second.
struct ProgressBar {
    private static let width = 24

    private let title: String
    private let totalCount: Int
    private let start = ContinuousClock.now
    private var drawnAt: ContinuousClock.Instant?

    init(_ title: String, totalCount: Int) {
        self.title = title
        self.totalCount = totalCount
    }

    /// Shows how much is done, at most ten times a second.
    mutating func show(doneCount: Int) {
        let now = ContinuousClock.now
        guard Console.isWatched, now - start > .seconds(1), drawnAt.map({ now - $0 > .milliseconds(100) }) ?? true
        else {
            return
        }
        drawnAt = now
        let filled = Self.width * doneCount / max(1, totalCount)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        Console.redraw("\(title) [\(bar)] \(doneCount)/\(totalCount)")
    }

    /// Removes the bar.
    func end() {
        if drawnAt != nil { Console.redraw("") }
    }
}
