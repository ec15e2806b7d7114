import FluxFiles
import FluxIndex
import FluxLog

/// What a store could not do.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// Tells what the caller can do; more codes may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// There is no store at the path.
        public static let notFound = Code(description: "notFound")
        /// What lies at the path is no store: a file, or a folder of something else.
        public static let notAStore = Code(description: "notAStore")
        /// What lies at the path is no backup, or not one of the store.
        public static let notABackup = Code(description: "notABackup")
        /// Something lies where a file or folder was to be made.
        public static let exists = Code(description: "exists")
        /// Another process has the store open for writing.
        public static let locked = Code(description: "locked")
        /// The store was opened for reading, or the directory may not be written.
        public static let readOnly = Code(description: "readOnly")
        /// The store was written by a later version.
        public static let unsupported = Code(description: "unsupported")
        /// Bytes do not verify.
        public static let damaged = Code(description: "damaged")
        /// What was given is over a limit.
        public static let tooLarge = Code(description: "tooLarge")
        /// What was given is no execution that can be stored, or no question that can be answered.
        public static let invalid = Code(description: "invalid")
        /// The disk is full.
        public static let noSpace = Code(description: "noSpace")
        /// More is handed in than the disk takes: nothing of the call was stored; try again later.
        public static let overloaded = Code(description: "overloaded")
        /// A tenant is over its quota: nothing of the batch was stored.
        public static let quotaExceeded = Code(description: "quotaExceeded")
        /// The caller gave up before the batch was taken: nothing of it was stored.
        public static let cancelled = Code(description: "cancelled")
        /// A sync failed: whether the batch is stored, only the next opening can tell.
        public static let durabilityUnknown = Code(description: "durabilityUnknown")
        /// The execution goes on with another event than the one given; the message names it.
        public static let expectedEvent = Code(description: "expectedEvent")
        /// A write failed earlier; the store must be opened again.
        public static let poisoned = Code(description: "poisoned")
        /// There is no such execution.
        public static let noExecution = Code(description: "noExecution")
        /// What is asked for was given up since: retention dropped it, or scavenging moved it and the store must be opened
        /// again.
        public static let expired = Code(description: "expired")
        /// The execution was deleted; its id takes no more events.
        public static let deleted = Code(description: "deleted")
        /// The store of keys failed; the execution is deleted.
        public static let keyStore = Code(description: "keyStore")
        /// Several executions begin with the digits given.
        public static let ambiguous = Code(description: "ambiguous")
        /// The execution was stored before, with other events.
        public static let conflict = Code(description: "conflict")
        /// A page token of another store, query or order.
        public static let foreignToken = Code(description: "foreignToken")
        /// The index could not be used; it can be deleted and comes back.
        public static let index = Code(description: "index")
        /// The operating system refused a call.
        public static let io = Code(description: "io")
        /// The store was closed.
        public static let closed = Code(description: "closed")
    }

    /// What the caller can do.
    public let code: Code
    /// What happened, where, and what to do: one line for a person.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

extension StoreError {
    init(_ error: LogError) {
        let code: Code =
            switch error {
            case .io(let error): error.isNotPermitted ? .readOnly : .io
            case .damaged, .lost, .broken: .damaged
            case .expired: .expired
            case .unsupported: .unsupported
            case .tooLarge: .tooLarge
            case .invalid: .invalid
            case .noSpace: .noSpace
            case .poisoned: .poisoned
            }
        let advice =
            code == .damaged ? "; nothing was changed, and a store opened read-only shows what is whole" : ""
        self.init(code, "\(error)\(advice)")
    }

    init(_ error: IndexError) {
        let code: Code =
            switch error {
            case .foreignToken: .foreignToken
            case .tooManyBuckets: .invalid
            case .full: .noSpace
            default: .index
            }
        let advice =
            switch error {
            case .corrupt, .foreign: "; delete the folder that it is in: the next opening builds it again"
            case .foreignToken: "; ask for the first page again"
            case .tooManyBuckets: "; ask for longer ones, or for less time"
            case .full: "; free some and try again"
            case .cannotOpen, .busy, .failed: ""
            }
        self.init(code, "\(error)\(advice)")
    }

    init(_ error: IOError) {
        let code: Code = error.isNoSpace ? .noSpace : error.isNotPermitted ? .readOnly : .io
        self.init(code, "\(error)")
    }
}
