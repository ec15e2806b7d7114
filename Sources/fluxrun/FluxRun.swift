import ArgumentParser

/// The tool: its commands, each in a file of `Commands`.
@main
struct FluxRun: AsyncParsableCommand {
    /// The version of tool and package.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "fluxrun",
        abstract: "Keeps recorded executions, finds them, and answers from them.",
        discussion: """
            A store is a folder; import makes it. An ID may be cut to its first digits, as ls shows it.
            Exit codes: 0 all well, 1 failed, 2 a playback had misses, 3 something was lost or could not be read, \
            64 wrong usage.
            """,
        version: version,
        subcommands: [
            ImportCommand.self, ListCommand.self, ShowCommand.self, CatCommand.self, ExportCommand.self,
            PlaybackCommand.self, StatsCommand.self, VerifyCommand.self, InfoCommand.self, RepairCommand.self,
            ReindexCommand.self, RetainCommand.self, DeleteCommand.self, ScavengeCommand.self, FollowCommand.self,
            BackupCommand.self, RestoreCommand.self, PackCommand.self, UnpackCommand.self, DemoCommand.self,
        ])
}

extension ExitCode {
    /// A playback was asked for what was not recorded.
    static let misses = ExitCode(2)
    /// Something was lost, or could not be read; all else was done.
    static let lossy = ExitCode(3)
}
