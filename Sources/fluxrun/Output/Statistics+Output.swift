import FluxFormat
import FluxStore

extension [AppStatistics] {
    /// Prints a row, or a line of JSON, for each app.
    func print(isJSON: Bool) {
        guard !isJSON else {
            return forEach { app in
                Console.line(
                    JSONValue.members([
                        "app": .text(app.app), "executions": .number(app.executions),
                        "interactions": .number(app.interactions), "events": .number(app.events),
                        "rawBytes": .number(app.rawByteCount), "storedBytes": .number(app.storedByteCount),
                    ]))
            }
        }
        var table = Table([
            .number("EXECUTIONS"), .number("CALLS"), .number("EVENTS"), .number("RAW"), .number("STORED"), .text("APP"),
        ])
        for app in self {
            table.add([
                "\(app.executions)", "\(app.interactions)", "\(app.events)", Texts.byteCount(app.rawByteCount),
                Texts.byteCount(app.storedByteCount), app.app,
            ])
        }
        table.print()
    }
}

extension [SegmentStatistics] {
    /// Prints a row, or a line of JSON, for each segment.
    func print(isJSON: Bool) {
        guard !isJSON else {
            return forEach { segment in
                Console.line(
                    JSONValue.members([
                        "segment": .number(segment.segment), "path": .text(segment.path),
                        "isSealed": .bool(segment.isSealed), "bytes": .number(segment.byteCount),
                        "createdAt": .text(Texts.rfc3339(segment.createdAt)),
                        "frames": .optional(segment.frames) { .number($0) },
                        "executions": .optional(segment.executions) { .number($0) },
                        "firstStartedAt": .optional(segment.firstStartedAt) { .text(Texts.rfc3339($0)) },
                        "lastStartedAt": .optional(segment.lastStartedAt) { .text(Texts.rfc3339($0)) },
                    ]))
            }
        }
        var table = Table([
            .number("SEGMENT"), .text("STATE"), .number("BYTES"), .number("FRAMES"), .number("EXECUTIONS"),
            .text("BEGUN"), .text("FIRST START"), .text("LAST START"),
        ])
        for segment in self {
            table.add([
                "\(segment.segment)", segment.isSealed ? "sealed" : "active", Texts.byteCount(segment.byteCount),
                segment.frames.map { "\($0)" } ?? "-", segment.executions.map { "\($0)" } ?? "-",
                Texts.time(segment.createdAt), segment.firstStartedAt.map { Texts.time($0) } ?? "-",
                segment.lastStartedAt.map { Texts.time($0) } ?? "-",
            ])
        }
        table.print()
    }
}
