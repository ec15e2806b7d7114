/// The stored form of metadata, the descriptor of a META record: see `META` on the format page.
extension ExecutionMetadata {
    private enum Field {
        static let app: UInt16 = 1
        static let name: UInt16 = 2
        static let source: UInt16 = 3
        static let route: UInt16 = 4
        static let status: UInt16 = 5
        static let startedAt: UInt16 = 6
        static let duration: UInt16 = 7
        static let requestID: UInt16 = 8
        static let traceID: UInt16 = 9
        static let sdkVersion: UInt16 = 10
        static let errorFingerprint: UInt16 = 11
        static let eventCount: UInt16 = 12
        static let interactionCount: UInt16 = 13
        static let kindCount: UInt16 = 14
        static let tag: UInt16 = 15
    }

    /// The fields as stored. Empty text is not stored.
    package var encoded: [UInt8] {
        var fields = FieldList(reserving: 512)
        fields.append(Field.app, text: app.isEmpty ? nil : app)
        fields.append(Field.name, text: name.isEmpty ? nil : name)
        fields.append(Field.source, text: source.isEmpty ? nil : source)
        fields.append(Field.route, text: route.isEmpty ? nil : route)
        fields.append(Field.status, number: UInt64(status.rawValue))
        fields.append(Field.startedAt, number: startedAt)
        fields.append(Field.duration, number: durationNanoseconds)
        fields.append(Field.requestID, text: requestID)
        fields.append(Field.traceID, text: traceID)
        fields.append(Field.sdkVersion, text: sdkVersion)
        fields.append(Field.errorFingerprint, text: errorFingerprint)
        fields.append(Field.eventCount, number: eventCount)
        fields.append(Field.interactionCount, number: interactionCount)
        if kindCounts.count > 1 {
            for (kind, count) in kindCounts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                fields.append(Field.kindCount, UInt64(kind.rawValue), count)
            }
        } else if let (kind, count) = kindCounts.first {
            // What a sort of one costs is more than the rest of it.
            fields.append(Field.kindCount, UInt64(kind.rawValue), count)
        }
        if !tags.isEmpty { append(tags, to: &fields) }
        return fields.bytes
    }

    private func append(_ tags: [String: String], to fields: inout FieldList) {
        for (key, text) in tags.sorted(by: { $0.key < $1.key }) {
            var value: [UInt8] = []
            value.append(littleEndian: UInt32(key.utf8.count))
            value.append(contentsOf: key.utf8)
            value.append(contentsOf: text.utf8)
            fields.append(Field.tag, value)
        }
    }

    /// Reads stored fields; skips those that are not known.
    package init(parsing bytes: RawSpan) throws(FormatError) {
        self.init(app: "", name: "", source: "", status: .running)
        var reader = FieldReader(bytes)
        while let field = try reader.next() {
            switch field.field {
            case Field.app: app = field.value.text
            case Field.name: name = field.value.text
            case Field.source: source = field.value.text
            case Field.route: route = field.value.text
            case Field.status:
                let number = try field.number()
                guard let known = UInt8(exactly: number).flatMap(Status.init(rawValue:)) else {
                    throw .invalidField("status \(number)")
                }
                status = known
            case Field.startedAt: startedAt = try field.number()
            case Field.duration: durationNanoseconds = try field.number()
            case Field.requestID: requestID = field.value.text
            case Field.traceID: traceID = field.value.text
            case Field.sdkVersion: sdkVersion = field.value.text
            case Field.errorFingerprint: errorFingerprint = field.value.text
            case Field.eventCount: eventCount = try field.number()
            case Field.interactionCount: interactionCount = try field.number()
            case Field.kindCount: try parseKindCount(field.value)
            case Field.tag: try parseTag(field.value)
            default: continue
            }
        }
    }

    private mutating func parseKindCount(_ value: RawSpan) throws(FormatError) {
        guard value.byteCount == 16, let kind = UInt16(exactly: value.load(at: 0, as: UInt64.self)) else {
            throw .invalidField("count of a kind")
        }
        kindCounts[EventKind(rawValue: kind)] = value.load(at: 8)
    }

    private mutating func parseTag(_ value: RawSpan) throws(FormatError) {
        guard value.byteCount >= 4, Int(value.load(at: 0, as: UInt32.self)) <= value.byteCount - 4 else {
            throw .invalidField("tag")
        }
        let split = 4 + Int(value.load(at: 0, as: UInt32.self))
        tags[value.extracting(4..<split).text] = value.extracting(split..<value.byteCount).text
    }
}
