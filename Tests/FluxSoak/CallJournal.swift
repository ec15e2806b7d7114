import CPowerLoss
import FluxFiles
import SimulatedDisk

/// The calls that a process made below a folder, in order.
struct CallJournal {
    /// One of them.
    struct Call {
        let kind: power_loss_kind
        let handle: UInt32
        let offset: Int
        let bytes: ArraySlice<UInt8>

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    let calls: [Call]
    /// Where each sync ended, by the place where it began; one that did not end is not there.
    private let syncEnds: [Int: Int]

    /// Reads a journal. A call that was noted in part is left out.
    init(_ journal: [UInt8]) {
        var calls: [Call] = []
        var begins: [UInt32: [Int]] = [:]
        var syncEnds: [Int: Int] = [:]
        let headByteCount = MemoryLayout<power_loss_record>.size
        var start = 0
        while start + headByteCount <= journal.count {
            let record = journal[start...].withUnsafeBytes { $0.loadUnaligned(as: power_loss_record.self) }
            let end = start + headByteCount + Int(record.byte_count)
            guard end <= journal.count else { break }
            let kind = power_loss_kind(record.kind)
            if kind == power_loss_sync_begin { begins[record.handle, default: []].append(calls.count) }
            // Of two that overlap, the one that began first is done when either is.
            if kind == power_loss_sync_end, let begin = begins[record.handle]?.first {
                begins[record.handle]?.removeFirst()
                syncEnds[begin] = calls.count
            }
            calls.append(
                Call(
                    kind: kind, handle: record.handle, offset: Int(record.offset),
                    bytes: journal[start + headByteCount..<end]))
            start = end
        }
        self.calls = calls
        self.syncEnds = syncEnds
    }

    /// What the process had said before a call, in lines.
    func said(before end: Int) -> [String] {
        calls[..<end].lazy.filter { $0.kind == power_loss_say }.map(\.text).joined()
            .split(separator: "\n").map(String.init)
    }

    /// The disk before a call, with what is synced there and what is not.
    ///
    /// What a sync made durable is what was written before it began, and that once it has ended. A disk that lies
    /// forgets the syncs of files whose path contains a word.
    func disk(before end: Int, on start: SimulatedDisk, lyingAbout word: String? = nil) throws -> SimulatedDisk {
        let disk = start.copy
        let files = disk.fileSystem
        var open: [UInt32: SimulatedFile] = [:]
        var directories: [UInt32: String] = [:]
        for (index, call) in calls[..<end].enumerated() {
            switch call.kind {
            case power_loss_open:
                open[call.handle] = try files.open(call.text, call.offset == 1 ? .create : .readWrite)
            case power_loss_open_directory: directories[call.handle] = call.text
            case power_loss_close:
                open[call.handle] = nil
                directories[call.handle] = nil
            case power_loss_write: try open[call.handle]?.write(Array(call.bytes), at: call.offset)
            case power_loss_truncate: try open[call.handle]?.truncate(to: call.offset)
            case power_loss_allocate: _ = try open[call.handle]?.allocate(call.offset)
            case power_loss_rename:
                let paths = call.bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                try files.rename(paths[0], to: paths[1])
            case power_loss_remove: try files.remove(call.text)
            case power_loss_make_directory: try files.makeDirectory(call.text)
            case power_loss_sync_begin:
                guard syncEnds[index].map({ $0 < end }) ?? false else { break }
                let file = open[call.handle]
                if let word, file?.path.contains(word) ?? false { break }
                try file?.sync()
                if let directory = directories[call.handle] { try files.syncDirectory(directory) }
            default: break
            }
        }
        return disk
    }
}

extension power_loss_kind: @retroactive Hashable {}
