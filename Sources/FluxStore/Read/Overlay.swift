import FluxFormat
import FluxIndex

/// Durable groups of frames that the index may lack, and the frames in them by their executions.
///
/// Frames are numbered from the first that ever was. Each knows the one before it of the same execution, so that no
/// execution has a list of its own.
struct Overlay: Sendable {
    /// Frames that became visible together.
    struct Group: Sendable {
        let frames: [IndexedFrame]
        let through: AppliedPosition
    }

    private struct Numbered {
        let group: Group
        let firstNumber: Int
        /// For each frame the number of the one before it of the same execution; -1 where it is the first.
        let previous: [Int]
    }

    private var numbered: [Numbered] = []
    private var nextNumber = 0
    /// The number of the last frame of each execution.
    private var lastNumbers = ExecutionIDMap<Int>()

    /// The groups, oldest first.
    var groups: some BidirectionalCollection<Group> { numbered.lazy.map(\.group) }
    var isEmpty: Bool { numbered.isEmpty }
    /// Frames of all groups.
    var frameCount: Int { nextNumber - firstNumber }
    var executionCount: Int { lastNumbers.count }
    var executions: some Sequence<ExecutionID> { lastNumbers.keys }

    private var firstNumber: Int { numbered.first?.firstNumber ?? nextNumber }

    func contains(_ id: ExecutionID) -> Bool { lastNumbers[id] != nil }

    /// The frames of an execution, in the order of the log. O(log groups) for each.
    func frames(of id: ExecutionID) -> [IndexedFrame] {
        var frames: [IndexedFrame] = []
        var number = lastNumbers[id] ?? -1
        while number >= firstNumber {
            let holder = numbered[place(of: number)]
            frames.append(holder.group.frames[number - holder.firstNumber])
            number = holder.previous[number - holder.firstNumber]
        }
        frames.reverse()
        return frames
    }

    /// The place of the group that has a frame.
    private func place(of number: Int) -> Int {
        var low = 0
        var high = numbered.count
        while low < high {
            let middle = (low + high) / 2
            if numbered[middle].firstNumber <= number { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    /// Adds a group behind the others.
    mutating func add(_ group: Group) {
        let firstNumber = nextNumber
        var previous: [Int] = []
        previous.reserveCapacity(group.frames.count)
        for frame in group.frames {
            previous.append(lastNumbers.updateValue(nextNumber, for: frame.header.executionID) ?? -1)
            nextNumber += 1
        }
        numbered.append(Numbered(group: group, firstNumber: firstNumber, previous: previous))
    }

    /// Removes the oldest groups, which the index holds by now.
    mutating func removeFirst(_ count: Int) {
        for removed in numbered.prefix(count) {
            for (index, frame) in removed.group.frames.enumerated() {
                let id = frame.header.executionID
                if lastNumbers[id] == removed.firstNumber + index { lastNumbers[id] = nil }
            }
        }
        numbered.removeFirst(count)
    }
}

extension IndexedExecution {
    /// What the index holds of an execution, if anything, and the frames behind that; `nil` for one that is deleted.
    init?(_ row: IndexedExecution?, adding frames: some Sequence<IndexedFrame>) {
        var execution = row
        for frame in frames {
            guard frame.header.frameKind == .events else { return nil }
            // The index may hold some of them.
            if let last = execution?.frames.last, frame.position <= last.position { continue }
            if execution != nil {
                execution?.add(frame)
            } else if frame.header.flags.contains(.executionFirst) {
                execution = IndexedExecution(beginning: frame)
            }
            // Any other began in what retention has dropped, and is gone as a whole.
        }
        guard let execution else { return nil }
        self = execution
    }
}
