import ArgumentParser
import FluxFormat
import FluxStore

/// `fluxrun repair`
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Tells what a store has lost, cuts its tail, or copies what is whole.",
        discussion:
            """
            Give exactly one of --report, --truncate-tail and --salvage-to. Exit code 0: nothing was lost; 3: something \
            was, and is named; 1: it could not be done.
            """)

    @OptionGroup var store: StoreArgument

    @Flag(help: "Reads all of the store and changes nothing.")
    var report = false

    @Flag(help: "Cuts the last segment where its last whole batch ends; a copy goes to quarantine.")
    var truncateTail = false

    @Option(help: ArgumentHelp("Copies what verifies into a folder that is empty or missing.", valueName: "dir"))
    var salvageTo: String?

    @Flag(help: "Prints JSON: a line per segment and per loss, then one with the result.")
    var json = false

    func validate() throws {
        guard [report, truncateTail, salvageTo != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("give exactly one of --report, --truncate-tail and --salvage-to")
        }
        guard salvageTo.map({ !$0.isEmpty }) ?? true else {
            throw ValidationError("--salvage-to needs the path of a folder")
        }
    }

    func run() async throws {
        let output = RepairOutput(json: json)
        if truncateTail {
            let cut = try TailCut(of: store.store)
            output.tell(cut.survey)
            output.tell(cut)
            if !cut.isWhole { throw ExitCode.lossy }
        } else if let target = salvageTo {
            let salvage = try StoreSalvage(from: store.store, to: target)
            let copy = try EventStore.open(at: target, options: StoreOptions(access: .readOnly))
            let check = try await copy.verify()
            output.tell(salvage.survey)
            output.tell(salvage, check)
            guard check.isClean else { throw ExitCode.failure }
            if !salvage.isWhole { throw ExitCode.lossy }
        } else {
            let survey = try StoreSurvey(of: store.store)
            output.tell(survey)
            output.tellOptions(of: survey)
            if !survey.isWhole { throw ExitCode.lossy }
        }
    }
}
