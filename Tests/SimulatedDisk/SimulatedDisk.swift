import FluxFiles
import Glibc

/// A disk in memory that can lose power, fail, and say what was asked of it.
///
/// Each file has a page cache and a medium. Only ``SimulatedFile/sync()`` takes bytes and size from one to the other, and
/// only ``SimulatedFileSystem/syncDirectory(_:)`` names. What is left of the rest is asked of ``crashed(_:using:)``.
///
/// `@unchecked Sendable`: a disk is used from one thread at a time; whoever hands it on orders the uses.
package final class SimulatedDisk: @unchecked Sendable {
    var state = DiskState()
    /// The open file that has the lock, by the number of the file.
    private var lockOwners: [Int: ObjectIdentifier] = [:]

    /// Every call since the disk was made.
    package internal(set) var trace = Trace()
    /// Whether ``trace`` is kept, on this disk and what becomes of it. A long run saves memory without.
    package var isTraced = true
    /// Mutating calls since the disk was made, failed ones too.
    package private(set) var operationCount = 0
    /// After so many mutating calls every further call of any kind fails, as if the process had died there.
    package var stopAt: Int?
    /// Whether a call was refused because of ``stopAt``.
    package private(set) var hasStopped = false
    /// Calls that are to fail; the first that matches a call counts it.
    package var faults: [Fault] = []
    /// Calls that a fault has hit.
    package private(set) var faultCount = 0
    /// Whether ``SimulatedFile/allocate(_:)`` works; without it, nothing is reserved and it returns `false`.
    package var canAllocate = true

    /// Makes an empty disk with some directories, which are durable; those that lead to them are made too.
    package init(directories: [String] = []) {
        for path in directories {
            var parent = path.hasPrefix("/") ? "/" : ""
            for name in path.split(separator: "/") {
                parent += name
                if state.names.entry(parent) == nil { addDirectory(parent) }
                parent += "/"
            }
        }
        state.names.syncAll()
    }

    private init(_ state: DiskState) {
        self.state = state
    }

    /// A disk of the same make with other contents.
    func holding(_ state: DiskState) -> SimulatedDisk {
        let disk = SimulatedDisk(state)
        disk.canAllocate = canAllocate
        disk.isTraced = isTraced
        return disk
    }

    /// The disk behind the seam of the store.
    package var fileSystem: SimulatedFileSystem { SimulatedFileSystem(disk: self) }

    /// A disk with the same page cache and the same medium.
    ///
    /// It has no faults, no stop, no locks and an empty trace; capacity and places that cannot be read are those of this
    /// disk. Takes time for what is changed afterwards only.
    package var copy: SimulatedDisk { holding(state) }

    /// The disk after the process was killed: the page cache is whole, and what was not synced is still to be synced.
    package func killed() -> SimulatedDisk { copy }

    /// Room for all files; each takes whole blocks of 4096 bytes. `nil` where it has no bound.
    ///
    /// A size is room taken, holes too. Room comes back when a file is cut or loses its name.
    package var capacityByteCount: Int? {
        get { state.capacityByteCount }
        set { state.capacityByteCount = newValue }
    }

    /// The room that all files take.
    package var usedByteCount: Int { state.usedByteCount }

    // MARK: Calls

    /// Notes a call. Throws where the disk has stopped or the call is to fail; returns a failure that does something.
    func begin(
        _ kind: Operation.Kind, _ verb: String, _ path: String, at offset: Int = 0, byteCount: Int = 0
    ) throws(IOError) -> Fault.Outcome? {
        if let stopAt, operationCount >= stopAt {
            hasStopped = true
            throw IOError("crash", path, number: EIO)
        }
        if kind.isMutating { operationCount += 1 }
        guard isTraced || !faults.isEmpty else { return nil }
        var operation = Operation(kind: kind, path: path, offset: offset, byteCount: byteCount)
        let outcome = faults.isEmpty ? nil : hit(operation)
        operation.fault = outcome?.number
        if isTraced { trace.operations.append(operation) }
        switch (outcome, kind) {
        case (nil, _), (.shortWrite, .write), (.sync, .sync), (.sync(.lies), .syncDirectory): return outcome
        case (.error(let number)?, _), (.shortWrite(_, let number)?, _): throw IOError(verb, path, number: number)
        case (.sync?, _): throw IOError(verb, path, number: EIO)
        }
    }

    /// What the first fault that matches makes of a call.
    private func hit(_ operation: Operation) -> Fault.Outcome? {
        guard let index = faults.firstIndex(where: { $0.matches(operation) }) else { return nil }
        guard faults[index].successCount == 0 else {
            faults[index].successCount -= 1
            return nil
        }
        faultCount += 1
        return faults[index].isLasting ? faults[index].outcome : faults.remove(at: index).outcome
    }

    // MARK: Locks

    func isLocked(_ file: Int, byOtherThan owner: ObjectIdentifier) -> Bool {
        lockOwners[file].map { $0 != owner } ?? false
    }

    func lock(_ file: Int, for owner: ObjectIdentifier) { lockOwners[file] = owner }

    func unlock(_ file: Int, of owner: ObjectIdentifier) {
        if lockOwners[file] == owner { lockOwners[file] = nil }
    }
}
