extension ExecutionQuery {
    /// A number that tells queries apart: the same for equal ones, in every process and version that knows the same
    /// conditions.
    package var digest: UInt64 {
        var fields = FieldList()
        let texts = [app, name, source, route, sdkVersion, errorFingerprint, requestID, traceID]
        for (index, text) in texts.enumerated() { fields.append(UInt16(index), text: text) }
        let numbers = [
            tenantID.map(UInt64.init), startedAtFirst, startedAtEnd, durationNanosecondsMin, durationNanosecondsMax,
            eventCountMin, eventCountMax, interactionCountMin, interactionCountMax,
        ]
        for (index, number) in numbers.enumerated() { fields.append(UInt16(32 + index), number: number) }
        if let statuses { fields.append(64, statuses.map(\.rawValue).sorted()) }
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
            fields.append(65, text: key)
            fields.append(66, text: value)
        }
        for key in tagKeys.sorted() { fields.append(67, text: key) }
        return XXH3.hash(fields.bytes.rawSpan, seed: 0)
    }
}
