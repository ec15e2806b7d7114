import FluxFormat

/// Executions of one event of 2,000 bytes.
enum SampleExecution {
    static func make(_ producer: Int) -> Execution {
        var metadata = ExecutionMetadata(
            app: "hooks", name: "receive", source: "generated", route: "/hooks", status: .ok)
        metadata.startedAt = 1_700_000_000_000_000_000
        let text = (0..<160).map { #"{"item":\#((producer + $0) % 977)}"# }.joined()
        let event = Event(
            kind: .database, encoding: .utf8, sequence: 0, issued: 1, done: 2, offsetNanoseconds: 40_000,
            name: "orders", descriptor: [], payload: Array(text.utf8.prefix(2000)))
        return Execution(id: id(producer, 0), metadata: metadata, events: [event])
    }

    /// A name that no other execution of a run has, later ones behind earlier ones.
    static func id(_ producer: Int, _ number: Int) -> ExecutionID {
        // The factors scatter the numbers (Steele and others, SplitMix).
        let bits = (UInt64(producer) << 40 | UInt64(number)) &* 0x9E37_79B9_7F4A_7C15
        return ExecutionID(
            unixMilliseconds: 1_700_000_000_000 + UInt64(number), bits: (bits, bits &* 0xBF58_476D_1CE4_E5B9))
    }

    /// The frame of an execution before it is compressed, as the store lays it out.
    static func sections(_ execution: Execution) -> (heads: [UInt8], bodies: [UInt8]) {
        var metadata = execution.metadata
        for event in execution.events { metadata.count(event.kind) }
        var builder = FrameBuilder(wallBase: metadata.startedAt ?? 0)
        builder.appendMetadata(metadata.encoded)
        for event in execution.events { builder.append(event, payload: 0..<event.payload.count, hasMorePieces: false) }
        let frame = builder.finish()
        return (frame.heads, frame.bodies)
    }
}
