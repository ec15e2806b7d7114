/// What ``EventStore/backup(to:)`` has done.
public struct BackupReport: Sendable, Equatable {
    /// Segments that the backup has.
    public internal(set) var segments = 0
    /// Bytes of those segments.
    public internal(set) var byteCount: UInt64 = 0
    /// Those of them that the folder had before.
    public internal(set) var keptSegments = 0
    /// Those that are a second name of the store's files.
    public internal(set) var linkedSegments = 0
    /// Those that were copied.
    public internal(set) var copiedSegments = 0
    /// Bytes that were copied.
    public internal(set) var copiedByteCount: UInt64 = 0
    /// Frames of the store that do not verify, a line each. The backup has them as they are.
    public internal(set) var damage: [String] = []
}

/// What ``EventStore/verifyBackup(at:)`` found.
public struct BackupVerification: Sendable, Equatable {
    /// Segments that the manifest names.
    public internal(set) var segments = 0
    /// Bytes that were read.
    public internal(set) var byteCount: UInt64 = 0
    /// What is not as the manifest says, a line each.
    public internal(set) var findings: [String] = []

    /// Whether all is as the manifest says.
    public var isWhole: Bool { findings.isEmpty }
}
