/// What an event is about; the number is stored.
///
/// Kinds from 16 are those of recorded boundaries; kinds from 0x8000 belong to users and are named by the event's name.
public struct EventKind: RawRepresentable, Hashable, Sendable {
    /// The number as stored.
    public let rawValue: UInt16

    /// Makes a kind from its stored number, known or not.
    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The execution's metadata: not an event, never numbered.
    public static let metadata = EventKind(rawValue: 1)
    /// An HTTP request with its answer.
    public static let http = EventKind(rawValue: 16)
    /// A database call.
    public static let database = EventKind(rawValue: 17)
    /// A message queue call.
    public static let queue = EventKind(rawValue: 18)
    /// A mail sent.
    public static let email = EventKind(rawValue: 19)
    /// A payment call.
    public static let payment = EventKind(rawValue: 20)
    /// Any other named call to the host.
    public static let host = EventKind(rawValue: 21)
    /// A file system call.
    public static let fileSystem = EventKind(rawValue: 22)
    /// A reading of a clock.
    public static let clock = EventKind(rawValue: 23)
    /// A sleep or timeout.
    public static let timer = EventKind(rawValue: 24)
    /// Random bytes or a random id.
    public static let random = EventKind(rawValue: 25)
    /// A reading of the environment.
    public static let environment = EventKind(rawValue: 26)
    /// The delivery of a child lane's result.
    public static let join = EventKind(rawValue: 27)
    /// A log line.
    public static let log = EventKind(rawValue: 28)
    /// A cancellation from outside.
    public static let cancel = EventKind(rawValue: 29)
    /// What the execution was asked.
    public static let input = EventKind(rawValue: 30)
    /// What the execution answered.
    public static let output = EventKind(rawValue: 31)
    /// A chunk of a stream.
    public static let chunk = EventKind(rawValue: 32)
    /// A turn at shared state.
    public static let turn = EventKind(rawValue: 33)
    /// The start of a child lane.
    public static let lane = EventKind(rawValue: 34)
    /// The end of the recording.
    public static let end = EventKind(rawValue: 35)
    /// The first kind that belongs to users.
    public static let firstCustom = EventKind(rawValue: 0x8000)

    /// Whether the event is one call across a boundary with its answer.
    public var isInteraction: Bool { (Self.http.rawValue...Self.fileSystem.rawValue).contains(rawValue) }
}

extension EventKind: CustomStringConvertible {
    private static let names = [
        "http", "db", "queue", "email", "payment", "host", "fs", "clock", "timer", "random", "env", "join", "log",
        "cancel", "input", "output", "chunk", "turn", "lane", "end",
    ]

    /// The kind's short name; `custom(n)` or `unknown(n)` for others.
    public var description: String {
        if self == .metadata { return "meta" }
        if rawValue >= Self.firstCustom.rawValue { return "custom(\(rawValue - Self.firstCustom.rawValue))" }
        let index = Int(rawValue) - Int(Self.http.rawValue)
        return Self.names.indices.contains(index) ? Self.names[index] : "unknown(\(rawValue))"
    }
}
