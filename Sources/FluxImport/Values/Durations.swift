/// Reads the durations that recordings hold, as nanoseconds; what is no duration is `nil`, as an unknown one.
enum Durations {
    private static let goUnits: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    /// Reads what Go prints, as in `1m2.5s` or `123.4ms`.
    static func go(_ text: String) -> UInt64? {
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        if rest == "0" { return 0 }
        var sum = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !$0.isNumber && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let factor = goUnits[String(unit)] else { return nil }
            sum += value * factor
        }
        return nanoseconds(sum)
    }

    /// Reads milliseconds as HAR has them; -1 means unknown there.
    static func milliseconds(_ text: String) -> UInt64? {
        guard isJSONNumber(text), let value = Double(text) else { return nil }
        return nanoseconds(value * 1e6)
    }

    /// Is `nil` for what is negative, no number, or longer than a hundred years.
    private static func nanoseconds(_ value: Double) -> UInt64? {
        guard value >= 0, value < 3.2e18 else { return nil }
        return UInt64(value.rounded())
    }
}
