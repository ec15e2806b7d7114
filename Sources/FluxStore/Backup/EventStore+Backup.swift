import FluxFiles
import FluxFormat
import FluxLog
import Glibc

extension EventStore {
    /// Backs up everything that is durable at this moment, while the store is read and written.
    ///
    /// The folder is empty or missing, or has a backup of this store: then what it has stays, and new segments and the longer
    /// last one are added. Sealed segments get a second name on the same file system, and are copied to another. The
    /// manifest is written last, so that an interrupted backup leaves the one before as it was, and is gone on with by the
    /// next. Segments that retention dropped leave the folder; other files in it stay.
    ///
    /// Every frame that is brought in is verified; what does not verify is in the report. Reads all that is new twice, on a
    /// thread of its own. A task that is cancelled waits for the end all the same. Throws `notABackup` for a folder of
    /// something else, or in the store; `noSpace`, `io`, and `damaged` where the end of the log cannot be read.
    public func backup(to path: String) async throws(StoreError) -> BackupReport {
        let store = try Paths.resolved(self.path)
        let target = try Paths.resolved(path)
        guard target != store, !target.hasPrefix(store + "/") else {
            throw StoreError(.notABackup, "\(path): lies in the store that is to be backed up; give a folder elsewhere")
        }
        return try await OwnedThread.run(name: "flux-backup") { () throws(StoreError) in
            var backup = StoreBackup(
                of: self.table.held(), storeID: self.followView.storeID, to: target, files: self.files)
            return try backup.run { self.followView.durable }
        }
    }

    /// Holds every file of a backup against its manifest. Reads all of it, and changes nothing.
    ///
    /// Throws `notABackup` where there is no manifest, and `damaged` where it does not verify.
    public static func verifyBackup(at path: String) async throws(StoreError) -> BackupVerification {
        try await OwnedThread.run(name: "flux-backup") { () throws(StoreError) in
            try BackupRestore(of: path, files: PosixFileSystem()).verify()
        }
    }

    /// Makes a store from a backup: with the same id, the same log, and an index that is built from it.
    ///
    /// The path is free, or an empty folder. Everything is copied beside it, held against the manifest and verified as by
    /// ``verify(_:reportingTo:)``; then it gets its name, so that no part of a store is ever there. Throws `exists` where
    /// something is in the way, `notABackup`, and `damaged` for a backup that is not as it was made, with nothing at the
    /// path.
    public static func restore(from backup: String, to path: String) async throws(StoreError) {
        let target = try Paths.resolved(path)
        let restore = try BackupRestore(of: backup, files: PosixFileSystem())
        let files = PosixFileSystem()
        let isFree = try storeCall { () throws(IOError) -> Bool in
            guard let kind = try files.kind(of: target) else { return true }
            guard kind == .directory else { return false }
            return try files.list(target).isEmpty
        }
        guard isFree else {
            throw StoreError(
                .exists, "\(path): is not empty; a backup is restored to a folder that is empty or missing")
        }
        let building = target + ".restoring"
        try await OwnedThread.run(name: "flux-restore") { () throws(StoreError) in
            // An index that was left there may know of another log.
            try storeCall { () throws(IOError) in
                for suffix in ["", "-wal", "-shm"] { try files.remove(IndexKeeper.path(in: building) + suffix) }
            }
            try restore.copy(to: building)
        }
        let report = try await EventStore.open(at: building, options: StoreOptions(access: .readOnly)).verify(.deep)
        if let finding = report.findings.first {
            throw StoreError(.damaged, "\(backup): was backed up with damage: \(finding.message)")
        }
        try storeCall { () throws(IOError) in
            try files.rename(building, to: target)
            try files.syncDirectory(Paths.parent(of: target))
        }
    }
}

/// Paths without links and detours, so that two of them can be compared.
enum Paths {
    /// The path of something that may not be there yet, in a folder that is.
    static func resolved(_ path: String) throws(StoreError) -> String {
        if let found = real(path) { return found }
        let parent = parent(of: path)
        guard let folder = real(parent) else {
            throw StoreError(.notFound, "\(parent): is missing; make this folder first")
        }
        let name = path.split(separator: "/").last ?? ""
        return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    }

    /// The folder that a path lies in.
    static func parent(of path: String) -> String {
        let names = path.split(separator: "/").dropLast().joined(separator: "/")
        return path.hasPrefix("/") ? "/" + names : names.isEmpty ? "." : names
    }

    private static func real(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
