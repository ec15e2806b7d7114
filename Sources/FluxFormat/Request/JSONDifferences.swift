/// Walks two JSON values side by side and collects where they differ, by JSON pointer (RFC 6901).
struct JSONDifferences {
    /// Differences after which the walk ends.
    let limit: Int
    /// What was found.
    private(set) var found: [RequestDifference] = []

    init(limit: Int) {
        self.limit = limit
    }

    mutating func compare(recorded: JSONValue?, asked: JSONValue?, at pointer: String) {
        guard found.count < limit else { return }
        switch (recorded, asked) {
        case (.object(let old), .object(let new)): compareMembers(recorded: old, asked: new, at: pointer)
        case (.array(let old), .array(let new)):
            for index in 0..<max(old.count, new.count) where found.count < limit {
                compare(
                    recorded: index < old.count ? old[index] : nil, asked: index < new.count ? new[index] : nil,
                    at: "\(pointer)/\(index)")
            }
        case (let old?, let new?) where old.isSameValue(as: new): return
        case (nil, nil): return
        default:
            func text(_ value: JSONValue?) -> String? { value.map { String(decoding: $0.encoded, as: UTF8.self) } }
            // The pointer of the whole value is empty, which a reader would not see.
            found.append(
                RequestDifference(
                    .body, place: pointer.isEmpty ? nil : pointer, recorded: text(recorded), asked: text(asked)))
        }
    }

    /// Members in recorded order, then those that only the request has.
    private mutating func compareMembers(
        recorded: [JSONValue.Member], asked: [JSONValue.Member], at pointer: String
    ) {
        let old = Set(recorded.map(\.name))
        let new = Dictionary(asked.map { ($0.name, $0.value) }) { first, _ in first }
        for member in recorded {
            compare(recorded: member.value, asked: new[member.name], at: pointer + Self.step(member.name))
        }
        for member in asked where !old.contains(member.name) {
            compare(recorded: nil, asked: member.value, at: pointer + Self.step(member.name))
        }
    }

    private static func step(_ name: [UInt8]) -> String {
        var escaped: [UInt8] = [UInt8(ascii: "/")]
        for byte in name {
            switch byte {
            case UInt8(ascii: "~"): escaped += "~0".utf8
            case UInt8(ascii: "/"): escaped += "~1".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
