import FluxFormat
import Foundation

/// Numbers and times as a person reads them.
enum Texts {
    /// As in `3.4 KiB`.
    static func byteCount(_ count: UInt64) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        while value >= 1023.95 {
            value /= 1024
            unit += 1
        }
        return "\(decimal(value, digits: 1)) \(units[unit])"
    }

    /// As in `3.4K`: powers of 1024, and no unit for bytes.
    static func shortByteCount(_ count: UInt64) -> String {
        count < 1024 ? "\(count)" : byteCount(count).replacing(" ", with: "").replacing("iB", with: "")
    }

    /// As in `12.3 ms`.
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<1000: "\(nanoseconds) ns"
        case ..<1_000_000: "\(decimal(Double(nanoseconds) / 1e3, digits: 1)) µs"
        case ..<1_000_000_000: "\(decimal(Double(nanoseconds) / 1e6, digits: 1)) ms"
        case ..<600_000_000_000: "\(decimal(Double(nanoseconds) / 1e9, digits: 2)) s"
        case ..<7_200_000_000_000: "\(nanoseconds / 60_000_000_000) min"
        case ..<172_800_000_000_000: "\(nanoseconds / 3_600_000_000_000) h"
        default: "\(nanoseconds / 86_400_000_000_000) d"
        }
    }

    /// As in `2026-11-25 10:00:00`, UTC.
    static func time(_ nanoseconds: UInt64) -> String {
        String(seconds(nanoseconds).replacing("T", with: " ").dropLast())
    }

    /// RFC 3339 with nanoseconds, UTC.
    static func rfc3339(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds % 1_000_000_000)
        return "\(seconds(nanoseconds).dropLast()).\(String(repeating: "0", count: 9 - fraction.count))\(fraction)Z"
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000_000)).formatted(.iso8601)
    }

    /// As in `12.3`.
    static func decimal(_ value: Double, digits: Int) -> String {
        let scale = digits == 1 ? 10.0 : 100.0
        let scaled = Int((value * scale).rounded())
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}

extension String {
    /// The text on one line: whatever a terminal would take as a command, or break the line at, is shown as an escape.
    var printable: String { escapingControls(keeping: []) }

    /// The text with its line ends and tabulators; other control characters are shown as escapes.
    var printableLines: String { escapingControls(keeping: ["\n", "\t"]) }

    private func escapingControls(keeping kept: Set<Unicode.Scalar>) -> String {
        var text = ""
        for scalar in unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            if isControl && !kept.contains(scalar) {
                text += scalar == "\n" ? "\\n" : scalar == "\r" ? "\\r" : "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text in at most so many characters; a longer one ends in `…`.
    func fitted(to count: Int) -> String {
        self.count <= count ? self : prefix(Swift.max(0, count - 1)) + "…"
    }

    /// The text cut into pieces of so many characters.
    func pieces(of count: Int) -> [Substring] {
        var pieces: [Substring] = []
        var rest = self[...]
        while !rest.isEmpty {
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    /// The text with blanks behind it, up to so many characters.
    func padded(to count: Int) -> String { self + String(repeating: " ", count: Swift.max(0, count - self.count)) }

    /// The text with blanks before it, up to so many characters.
    func aligned(to count: Int) -> String { String(repeating: " ", count: Swift.max(0, count - self.count)) + self }
}
