/// Reads the times that recordings hold, as nanoseconds since 1970.
package enum Timestamp {
    /// Reads ISO 8601 (`2011-11-01T04:58:44.123+02:00`), Ruby's form of it (`2011-11-01 04:58:44 UTC`) and RFC 1123
    /// (`Tue, 01 Nov 2011 04:58:44 GMT`); without a zone, UTC.
    ///
    /// Is `nil` for anything else, and for times that do not fit: a recording without a time is still a recording.
    package static func nanoseconds(_ text: String) -> UInt64? {
        var scanner = Scanner(text)
        return scanner.nanoseconds()
    }

    private struct Scanner {
        private var rest: ArraySlice<UInt8>

        init(_ text: String) {
            rest = Array(text.utf8)[...]
        }

        mutating func nanoseconds() -> UInt64? {
            skipBlanks()
            let isYearFirst = rest.prefix(4).count == 4 && rest.prefix(4).allSatisfy { digit($0) != nil }
            guard let (year, month, day) = isYearFirst ? isoDate() : rfcDate() else { return nil }
            _ = skip("T") || skip("t")
            skipBlanks()
            guard let hour = number(digits: 1...2), hour < 24, skip(":"), let minute = number(digits: 2...2),
                minute < 60
            else { return nil }
            var second = 0
            var fraction = 0
            if skip(":") {
                guard let whole = number(digits: 2...2), whole <= 60 else { return nil }
                second = whole
                if skip(".") || skip(",") {
                    guard let part = nanosecondFraction() else { return nil }
                    fraction = part
                }
            }
            skipBlanks()
            guard let zone = zoneSeconds() else { return nil }
            skipBlanks()
            guard rest.isEmpty else { return nil }
            let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone
            let (product, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            guard !isTooLarge, product >= 0, product <= Int.max - fraction else { return nil }
            return UInt64(product + fraction)
        }

        private mutating func isoDate() -> (Int, Int, Int)? {
            guard let year = number(digits: 4...4), skip("-"), let month = number(digits: 2...2), skip("-"),
                let day = number(digits: 2...2), (1...12).contains(month), (1...31).contains(day)
            else { return nil }
            return (year, month, day)
        }

        private mutating func rfcDate() -> (Int, Int, Int)? {
            if let comma = rest.firstIndex(of: UInt8(ascii: ",")) { rest = rest[(comma + 1)...] }
            skipBlanks()
            guard let day = number(digits: 1...2), (1...31).contains(day) else { return nil }
            skipBlanks()
            let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            guard let month = names.firstIndex(of: String(decoding: rest.prefix(3).map { $0 | 0x20 }, as: UTF8.self))
            else { return nil }
            rest = rest.dropFirst(3)
            skipBlanks()
            guard let year = number(digits: 4...4) else { return nil }
            return (year, month + 1, day)
        }

        /// Digits behind the point; those behind the ninth are less than a nanosecond and dropped.
        private mutating func nanosecondFraction() -> Int? {
            let digits = rest.prefix { digit($0) != nil }.compactMap(digit)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            return (0..<9).reduce(0) { $0 * 10 + ($1 < digits.count ? digits[$1] : 0) }
        }

        private mutating func zoneSeconds() -> Int? {
            for name in ["Z", "z", "GMT", "UTC"] where rest.starts(with: name.utf8) {
                rest = rest.dropFirst(name.utf8.count)
                return 0
            }
            let isWest = rest.first == UInt8(ascii: "-")
            guard isWest || rest.first == UInt8(ascii: "+") else { return 0 }
            rest = rest.dropFirst()
            guard let hours = number(digits: 2...2), hours < 24 else { return nil }
            _ = skip(":")
            let minutes = number(digits: 2...2) ?? 0
            return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
        }

        private mutating func number(digits range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix(range.upperBound).prefix { digit($0) != nil }.compactMap(digit)
            guard range.contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            return digits.reduce(0) { $0 * 10 + $1 }
        }

        private func digit(_ byte: UInt8) -> Int? { (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil }

        private mutating func skip(_ character: Character) -> Bool {
            guard rest.first == character.asciiValue else { return false }
            rest = rest.dropFirst()
            return true
        }

        private mutating func skipBlanks() {
            rest = rest.drop(while: isBlank)
        }

        /// Days since 1970 in the Gregorian calendar; years start in March, so that leap days come last.
        private func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
            let year = month <= 2 ? year - 1 : year
            let era = (year >= 0 ? year : year - 399) / 400
            let yearOfEra = year - era * 400
            let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
            return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        }
    }
}
