import FluxFiles
import Glibc

extension SimulatedDisk {
    func read(
        _ file: Int, _ path: String, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(IOError) -> Int {
        _ = try begin(.read, "read at \(offset)", path, at: offset, byteCount: buffer.count)
        let count = max(0, min(buffer.count, state.files[file].cached.count - offset))
        guard count > 0 else { return 0 }
        guard !state.files[file].unreadable.contains(where: { $0.overlaps(offset..<offset + count) }) else {
            throw IOError("read at \(offset)", path, number: EIO)
        }
        state.files[file].cached.withUnsafeBytes { image in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: image[offset..<offset + count]))
        }
        return count
    }

    /// Writes what a fault and the room allow, and throws where that is not all.
    func write(
        _ file: Int, _ path: String, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(IOError) {
        let verb = "write at \(offset)"
        let outcome = try begin(.write, verb, path, at: offset, byteCount: bytes.count)
        var count = bytes.count
        var number: Int32 = 0
        if case .shortWrite(let byteCount, let failure) = outcome { (count, number) = (min(count, byteCount), failure) }
        let room = max(0, state.sizeMax(of: file) - offset)
        if count > room { (count, number) = (room, ENOSPC) }
        state.files[file].write(
            UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), at: offset, serial: state.nextSerial())
        guard number == 0 else { throw IOError(verb, path, number: number) }
    }

    func sync(_ file: Int, _ path: String) throws(IOError) {
        let outcome = try begin(.sync, "sync", path)
        if let number = state.files[file].lateSyncError {
            state.files[file].lateSyncError = nil
            throw IOError("sync", path, number: number)
        }
        guard case .sync(let failure) = outcome else { return state.files[file].sync() }
        switch failure {
        case .lies: return
        case .reportedLater:
            state.files[file].loseChanges()
            state.files[file].lateSyncError = EIO
        case .keepsNewContent:
            state.files[file].loseChanges()
            throw IOError("sync", path, number: EIO)
        case .restoresOldContent:
            state.files[file].revert()
            throw IOError("sync", path, number: EIO)
        }
    }

    func truncate(_ file: Int, _ path: String, to byteCount: Int) throws(IOError) {
        _ = try begin(.truncate, "cut at \(byteCount)", path, byteCount: byteCount)
        guard byteCount <= state.sizeMax(of: file) else { throw IOError("cut at \(byteCount)", path, number: ENOSPC) }
        state.files[file].resize(to: byteCount, serial: state.nextSerial())
    }

    func byteCount(_ file: Int, _ path: String) throws(IOError) -> Int {
        _ = try begin(.look, "look at", path)
        return state.files[file].cached.count
    }

    func allocate(_ file: Int, _ path: String, _ byteCount: Int) throws(IOError) -> Bool {
        let verb = "reserve \(byteCount) bytes"
        _ = try begin(.allocate, verb, path, byteCount: byteCount)
        guard canAllocate else { return false }
        guard byteCount <= state.sizeMax(of: file) else { throw IOError(verb, path, number: ENOSPC) }
        if byteCount > state.files[file].cached.count {
            state.files[file].resize(to: byteCount, serial: state.nextSerial())
        }
        return true
    }

    func dropCache(_ file: Int, _ path: String) {
        do throws(IOError) {
            _ = try begin(.dropCache, "drop the cache of", path)
        } catch {
            // The call tells no failure; one that fails has dropped nothing.
            return
        }
        state.files[file].dropCleanPages()
    }
}
