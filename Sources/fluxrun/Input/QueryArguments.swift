import ArgumentParser
import FluxFormat

/// The conditions of a list.
struct QueryArguments: ParsableArguments {
    /// What `--status` takes.
    enum Status: String, CaseIterable, ExpressibleByArgument {
        case ok, failed, running, cancelled
    }

    @Option(help: "Only executions of this app.")
    var app: String?

    @Option(help: "Only executions of this route.")
    var route: String?

    @Option(help: "Only executions of this name.")
    var name: String?

    @Option(help: "Only what this recorded, as har.")
    var source: String?

    @Option(help: "Only executions with this status; several are taken.")
    var status: [Status] = []

    @Option(
        help: ArgumentHelp(
            "Only those started at this time or later: 2026-11-25, an RFC 3339 time, or 90m, 12h, 7d ago.",
            valueName: "time"))
    var since: TimeArgument?

    @Option(help: ArgumentHelp("Only those started before this time.", valueName: "time"))
    var until: TimeArgument?

    @Option(help: ArgumentHelp("Only those that took so long or longer: 250ms, 1.5s, 2m.", valueName: "duration"))
    var minDuration: DurationArgument?

    @Option(help: ArgumentHelp("Only those that took so long at most.", valueName: "duration"))
    var maxDuration: DurationArgument?

    @Option(help: "Only those that failed with this fingerprint.")
    var fingerprint: String?

    @Option(help: "Only those of this request id.")
    var request: String?

    @Option(help: "Only those of this trace id.")
    var trace: String?

    @Option(help: "Only those recorded by this version of the SDK.")
    var sdk: String?

    @Option(help: "Only those of the tenant with this number.")
    var tenant: UInt32?

    @Option(
        help: ArgumentHelp(
            "Only those with this tag, and where a value is given, with that; several are taken.",
            valueName: "key[=value]"))
    var tag: [TagArgument] = []

    /// The query that these make.
    var query: ExecutionQuery {
        let statuses = ExecutionMetadata.Status.allCases.filter { known in
            status.contains { $0.rawValue == known.name }
        }
        var query = ExecutionQuery(
            app: app, name: name, source: source, statuses: status.isEmpty ? nil : Set(statuses), route: route,
            sdkVersion: sdk, tenantID: tenant, startedAtFirst: since?.nanoseconds, startedAtEnd: until?.nanoseconds,
            durationNanosecondsMin: minDuration?.nanoseconds, durationNanosecondsMax: maxDuration?.nanoseconds,
            errorFingerprint: fingerprint, requestID: request, traceID: trace)
        for tag in tag {
            if let value = tag.value { query.tags[tag.key] = value } else { query.tagKeys.insert(tag.key) }
        }
        return query
    }

    func validate() throws {
        var values: [String: String] = [:]
        for case (let key, let value?) in tag.map({ ($0.key, $0.value) }) {
            if values.updateValue(value, forKey: key).map({ $0 != value }) ?? false {
                throw ValidationError("--tag gives \(key) two values: an execution has one")
            }
        }
    }
}

/// A tag as it is asked for: `key`, or `key=value`.
struct TagArgument: ExpressibleByArgument {
    let key: String
    let value: String?

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let key = parts.first, !key.isEmpty else { return nil }
        self.key = String(key)
        value = parts.count == 2 ? String(parts[1]) : nil
    }
}

/// A length of time as a person types it: `250ms`, `1.5s`, `2m`.
struct DurationArgument: ExpressibleByArgument {
    let nanoseconds: UInt64

    init?(argument: String) {
        let units: [(name: String, nanoseconds: Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.name) }),
            let number = Double(argument.dropLast(unit.name.count)), number >= 0, number.isFinite,
            let nanoseconds = UInt64(exactly: (number * unit.nanoseconds).rounded())
        else { return nil }
        self.nanoseconds = nanoseconds
    }
}
