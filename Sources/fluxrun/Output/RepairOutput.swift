import FluxFormat
import FluxStore

/// Prints what repair finds and does.
struct RepairOutput {
    let json: Bool

    /// The segments with their losses, what promises more, and the executions hit.
    func tell(_ survey: StoreSurvey) {
        for segment in survey.segments {
            if json { Console.line(segment.json) } else { Console.line(segment.line.printable) }
            for loss in segment.losses {
                if json {
                    Console.line(loss.json)
                } else {
                    Console.line("  \(loss.isTorn ? "torn" : "lost"): \(loss.line)".printable)
                }
            }
        }
        guard !json else { return }
        for promise in survey.promises {
            Console.line("\(promise.source) promises the log up to \(promise.end)")
        }
        for damage in survey.damage { Console.line("damage: \(damage)".printable) }
        for id in survey.executions { Console.line("hit: \(id)") }
        if survey.losses.contains(where: { !$0.isNamed }) {
            Console.line("Neither a seal nor an index names all executions that are hit.")
        }
    }

    /// What each option would do.
    func tellOptions(of survey: StoreSurvey) {
        if json {
            return Console.line(
                JSONValue.members([
                    "whole": .bool(survey.isWhole), "losses": .number(survey.losses.count),
                    "executionsHit": .number(survey.executions.count),
                    "damage": .array(survey.damage.map { .text($0) }),
                    "promises": .array(survey.promises.map(\.json)),
                    "truncateTail": .optional(survey.obstacleToCut) { .text($0) },
                ]))
        }
        if let obstacle = survey.obstacleToCut {
            Console.line("--truncate-tail would refuse: \(obstacle)".printable)
        } else {
            Console.line("--truncate-tail would cut the last segment behind its last whole batch.")
        }
        let frames = survey.segments.reduce(0) { $0 + $1.frameCount }
        Console.line("--salvage-to would copy the whole batches among \(frames) frames.")
        Console.line(survey.isWhole ? "Nothing was lost." : "\(survey.losses.count) ranges are lost.")
    }

    func tell(_ cut: TailCut) {
        if json {
            return Console.line(
                JSONValue.members([
                    "whole": .bool(cut.isWhole), "end": .text("\(cut.end)"), "cutBytes": .number(cut.byteCount),
                    "report": .text(cut.reportPath),
                    "executionsHit": .array(cut.survey.executions.map { .text("\($0)") }),
                ]))
        }
        Console.line("The log ends at \(cut.end); \(cut.byteCount) bytes were cut off.")
        Console.line("The report is \(cut.reportPath)".printable)
    }

    func tell(_ salvage: StoreSalvage, _ check: VerifyReport) {
        if json {
            return Console.line(
                JSONValue.members([
                    "whole": .bool(salvage.isWhole), "executions": .number(salvage.executionCount),
                    "events": .number(salvage.eventCount),
                    "cut": .array(salvage.cut.sorted().map { .text("\($0)") }),
                    "lost": .array(salvage.lost.sorted().map { .text("\($0)") }),
                    "verified": .bool(check.isClean),
                ]))
        }
        for id in salvage.cut.sorted() { Console.line("cut: \(id)") }
        for id in salvage.lost.sorted() { Console.line("lost: \(id)") }
        for finding in check.findings { Console.line("\(finding.place.rawValue): \(finding.message)".printable) }
        Console.line("\(salvage.executionCount) executions with \(salvage.eventCount) events were copied.")
        Console.line("The copy is \(check.line)")
    }
}

extension StoreSurvey.Segment {
    fileprivate var line: String {
        "\(path): \(state.rawValue), \(byteCount) bytes, \(frameCount) frames, \(eventCount) events"
    }

    fileprivate var json: JSONValue {
        .members([
            "segment": .number(number), "path": .text(path), "state": .text(state.rawValue),
            "bytes": .number(byteCount), "frames": .number(frameCount), "events": .number(eventCount),
        ])
    }
}

extension StoreSurvey.Loss {
    fileprivate var json: JSONValue {
        .members([
            "lost": .bool(!isTorn), "path": .text(path), "from": .number(start),
            "to": .optional(end) { .number($0) }, "frames": .optional(frameCount) { .number($0) },
            "reason": .text(reason), "executions": .array(executions.sorted().map { .text("\($0)") }),
            "isNamed": .bool(isNamed),
        ])
    }
}

extension StoreSurvey.Promise {
    fileprivate var json: JSONValue {
        .members(["source": .text(source), "end": .text("\(end)"), "nextSequence": .number(nextFrameSequence)])
    }
}
