import ArgumentParser
import FluxImport
import Foundation

/// A point in time as a person types it: `2026-11-25`, `2026-11-25T10:00:00Z`, or `90m` for so long ago.
struct TimeArgument: ExpressibleByArgument {
    /// Nanoseconds since 1970.
    let nanoseconds: UInt64

    init?(argument: String) {
        self.init(argument, now: Date())
    }

    init?(_ text: String, now: Date) {
        guard
            let time = Self.ago(text, now: now) ?? Timestamp.nanoseconds(text) ?? Timestamp.nanoseconds(text + "T00:00")
        else { return nil }
        nanoseconds = time
    }

    private static func ago(_ text: String, now: Date) -> UInt64? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()) else { return nil }
        let seconds = now.timeIntervalSince1970 - Double(count) * unit
        return seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000
    }
}
