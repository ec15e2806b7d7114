import Glibc

/// A call to the operating system that failed.
package struct IOError: Error, Equatable, Sendable {
    /// What was tried, as in `write`.
    package let operation: String
    package let path: String
    /// The number of the error.
    package let number: Int32

    package init(_ operation: String, _ path: String, number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// The file system has no room for what was to be written.
    package var isNoSpace: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }
    package var isMissing: Bool { number == ENOENT }
    /// The file cannot have a second name there: another file system, or one that has no links, or too many of them.
    package var isLinkRefused: Bool { [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS].contains(number) }
    package var isNotPermitted: Bool { number == EACCES || number == EPERM || number == EROFS }
}

extension IOError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return "\(path): could not \(operation): \(reason)"
    }
}
