/// How well an append is stored when its call returns.
public enum Durability: Int, Sendable, Comparable, CaseIterable {
    /// It waits in memory for the writer: it may be lost when the process ends, and a failed write is told to no one.
    case queued
    /// The system has it: it survives the end of the process, not that of the system.
    case written
    /// The disk has it: it survives the loss of power.
    case durable

    /// Orders levels by what they survive.
    public static func < (first: Durability, second: Durability) -> Bool { first.rawValue < second.rawValue }
}
