import FluxFormat
import Glibc

/// The two streams of a terminal program: results go to standard output, all else to standard error.
enum Console {
    /// Whether a person watches standard error.
    static let isWatched = isatty(STDERR_FILENO) == 1

    /// Columns of the terminal that standard output is; `nil` where it is none.
    static let columnCount: Int? = {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }()

    /// Prints a line of the result.
    static func line(_ text: String = "") {
        print(text)
    }

    /// Prints a value as one line of JSON.
    static func line(_ json: JSONValue) {
        print(String(decoding: json.encoded, as: UTF8.self))
    }

    /// Hands what was printed to whoever reads it.
    static func flush() {
        fflush(nil)
    }

    /// Prints a line to standard error.
    static func note(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Prints a warning to standard error.
    static func warn(_ text: String) {
        note("warning: \(text)")
    }

    /// Draws a line of standard error anew.
    static func redraw(_ text: String) {
        write("\r\u{1B}[K" + text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        // Results come first where both streams are one terminal.
        flush()
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // Nobody is left to be told.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
