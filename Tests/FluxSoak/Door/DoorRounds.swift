/// Counts what was done to a store, and wakes who waits for it.
actor DoorRounds {
    private(set) var number = 0
    private var isOver = false
    private var waiting: [(round: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// One more was done.
    func next() {
        number += 1
        wake()
    }

    /// No more is done: no one waits any longer.
    func end() {
        isOver = true
        wake()
    }

    /// Waits until so many more were done.
    func wait(for count: Int) async {
        let round = number + count
        guard !isOver else { return }
        await withCheckedContinuation { waiting.append((round, $0)) }
    }

    private func wake() {
        let woken = waiting.filter { isOver || $0.round <= number }
        waiting.removeAll { isOver || $0.round <= number }
        for waiter in woken { waiter.continuation.resume() }
    }
}
