/// One call of the seam.
package struct Operation: Equatable, Sendable {
    /// An opening is `create` where it makes the file and `open` where not; `look` asks for a kind or a size; `lock`
    /// takes a lock or asks for it.
    package enum Kind: String, CaseIterable, Sendable {
        case open, create, list, look, read, lock, dropCache
        case makeDirectory, rename, link, remove, syncDirectory
        case write, sync, truncate, allocate

        /// Whether the call can change what is on the disk.
        package var isMutating: Bool {
            switch self {
            case .open, .list, .look, .read, .lock, .dropCache: false
            case .create, .makeDirectory, .rename, .link, .remove, .syncDirectory, .write, .sync, .truncate,
                .allocate:
                true
            }
        }
    }

    package let kind: Kind
    package let path: String
    /// Where bytes begin; 0 for calls without bytes.
    package let offset: Int
    /// Bytes that are read or written; the size for `truncate` and `allocate`.
    package let byteCount: Int
    /// The number of the error that a fault made of the call, 0 for a false success; `nil` where no fault hit it.
    package internal(set) var fault: Int32?
}

/// The calls that a disk has got, in order.
package struct Trace: Sendable, CustomStringConvertible {
    package internal(set) var operations: [Operation] = []

    /// One line for each call, for a test that fails.
    ///
    /// A mutating call begins with its number, which counts from 1: a disk that stops at `n` has done the call `n`.
    package var description: String {
        var number = 0
        return operations.map { operation in
            if operation.kind.isMutating { number += 1 }
            let count = operation.kind.isMutating ? "\(number)" : "-"
            let name = operation.kind.rawValue
            var line = String(repeating: " ", count: max(0, 6 - count.count)) + count + " " + name
            line += String(repeating: " ", count: max(0, 14 - name.count)) + operation.path
            if operation.offset != 0 || operation.byteCount != 0 {
                line += " \(operation.offset)+\(operation.byteCount)"
            }
            if let fault = operation.fault { line += fault == 0 ? " is not done" : " fails with \(fault)" }
            return line
        }.joined(separator: "\n")
    }
}
