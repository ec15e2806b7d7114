import FluxFormat

/// The last frames of executions that are still open, for the backward chain, which is a hint and may be cut.
struct LastFrames {
    /// Open executions that are remembered.
    private static let countMax = 1 << 16

    private var positions = ExecutionIDMap<Position>()

    /// The last frame of an execution; zero where it is unknown or there is none.
    subscript(id: ExecutionID) -> Position { positions[id] ?? .zero }

    /// Takes what a group changes once it is written: zero for an execution that it ends.
    mutating func take(_ changes: [ExecutionID: Position]) {
        if positions.count + changes.count > Self.countMax { positions = ExecutionIDMap() }
        for (id, position) in changes { positions[id] = position == .zero ? nil : position }
    }

    /// Takes over the executions that the frames leave open.
    mutating func adopt(_ frames: [ScannedFrame]) {
        for frame in frames where frame.header.frameKind == .events {
            let isLast = frame.header.flags.contains(.executionLast)
            positions[frame.header.executionID] = isLast ? nil : frame.position
        }
    }
}
