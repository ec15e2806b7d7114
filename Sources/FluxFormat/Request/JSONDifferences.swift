/// Walks two JSON values side by side and collects where they differ, by JSON pointer (RFC 6901).
struct JSONDifferences {
    /// Differences after which the walk ends.
    let limit: Int
    /// What was found.
    private(set) var found: [RequestDifference] = []
    /// The names and indexes on the way from the whole value. They become a pointer only where a difference is found:
    /// a long name above many elements would be copied for each of them.
    private var steps: [Step] = []

    private enum Step {
        case name([UInt8])
        case index(Int)
    }

    init(limit: Int) {
        self.limit = limit
    }

    mutating func compare(recorded: JSONValue?, asked: JSONValue?) {
        guard found.count < limit else { return }
        switch (recorded, asked) {
        case (.object(let old), .object(let new)): compareMembers(recorded: old, asked: new)
        case (.array(let old), .array(let new)):
            for index in 0..<max(old.count, new.count) where found.count < limit {
                compare(
                    recorded: index < old.count ? old[index] : nil, asked: index < new.count ? new[index] : nil,
                    below: .index(index))
            }
        case (let old?, let new?) where old.isSameValue(as: new): return
        case (nil, nil): return
        default:
            func text(_ value: JSONValue?) -> String? { value.map { String(decoding: $0.encoded, as: UTF8.self) } }
            // The pointer of the whole value is empty, which a reader would not see.
            found.append(
                RequestDifference(
                    .body, place: steps.isEmpty ? nil : pointer, recorded: text(recorded), asked: text(asked)))
        }
    }

    private mutating func compare(recorded: JSONValue?, asked: JSONValue?, below step: Step) {
        steps.append(step)
        compare(recorded: recorded, asked: asked)
        steps.removeLast()
    }

    /// Members in recorded order, then those that only the request has.
    private mutating func compareMembers(recorded: [JSONValue.Member], asked: [JSONValue.Member]) {
        let old = Set(recorded.map(\.name))
        let new = Dictionary(asked.map { ($0.name, $0.value) }) { first, _ in first }
        for member in recorded {
            compare(recorded: member.value, asked: new[member.name], below: .name(member.name))
        }
        for member in asked where !old.contains(member.name) {
            compare(recorded: nil, asked: member.value, below: .name(member.name))
        }
    }

    private var pointer: String {
        var bytes: [UInt8] = []
        for step in steps {
            bytes.append(UInt8(ascii: "/"))
            switch step {
            case .index(let index): bytes += "\(index)".utf8
            case .name(let name):
                for byte in name {
                    switch byte {
                    case UInt8(ascii: "~"): bytes += "~0".utf8
                    case UInt8(ascii: "/"): bytes += "~1".utf8
                    default: bytes.append(byte)
                    }
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
