import FluxFormat
import Glibc
import Synchronization

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

    /// What was printed and not handed on yet.
    private static let output = Mutex<[UInt8]>([])
    private static let bufferByteCount = 64 << 10
    /// Hands on what is left when the process ends, however it ends in order.
    private static let flushesAtExit = atexit { Console.flush() } == 0

    /// Prints a line of the result.
    static func line(_ text: String = "") {
        print(Array(text.utf8))
    }

    /// Prints a value as one line of JSON.
    static func line(_ json: JSONValue) {
        print(json.encoded)
    }

    private static func print(_ bytes: [UInt8]) {
        precondition(flushesAtExit, "the system takes no exit handler")
        let isFull = output.withLock { output in
            output += bytes
            output.append(UInt8(ascii: "\n"))
            return output.count >= bufferByteCount
        }
        if isFull { flush() }
    }

    /// Hands what was printed to whoever reads it. Ends the process with 1 where it cannot be written: a result that
    /// is cut must not look whole.
    static func flush() {
        let bytes = output.withLock { output in
            defer { output.removeAll(keepingCapacity: true) }
            return output
        }
        let number = write(bytes, to: STDOUT_FILENO)
        guard number != 0 else { return }
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        _ = write(Array("Error: the output could not be written: \(reason)\n".utf8), to: STDERR_FILENO)
        // Not exit: that would run this again.
        _exit(1)
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
        // Nobody is left to be told of an error.
        _ = write(Array(text.utf8), to: descriptor)
    }

    /// Returns 0 or an errno.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(count)
        }
        return 0
    }
}
