extension ExecutionQuery {
    /// Whether an execution is one that is asked for.
    package func matches(_ metadata: ExecutionMetadata, tenantID tenant: UInt32) -> Bool {
        hasTexts(of: metadata)
            && (statuses?.contains(metadata.status) ?? true)
            && (tenantID ?? tenant) == tenant
            && hasStart(of: metadata)
            && durations.matches(metadata.durationNanoseconds)
            && eventCounts.matches(metadata.eventCount)
            && interactionCounts.matches(metadata.interactionCount)
            && tags.allSatisfy { metadata.value(ofTag: $0.key).map($0.value.hasBytes(of:)) ?? false }
            && tagKeys.allSatisfy { metadata.value(ofTag: $0) != nil }
    }

    /// The durations that match.
    package var durations: ConditionRange { ConditionRange(min: durationNanosecondsMin, max: durationNanosecondsMax) }
    /// The numbers of events that match.
    package var eventCounts: ConditionRange { ConditionRange(min: eventCountMin, max: eventCountMax) }
    /// The numbers of calls that match.
    package var interactionCounts: ConditionRange {
        ConditionRange(min: interactionCountMin, max: interactionCountMax)
    }

    private func hasTexts(of metadata: ExecutionMetadata) -> Bool {
        let pairs: [(String?, String?)] = [
            (app, metadata.app), (name, metadata.name), (source, metadata.source), (route, metadata.route),
            (sdkVersion, metadata.sdkVersion), (errorFingerprint, metadata.errorFingerprint),
            (requestID, metadata.requestID), (traceID, metadata.traceID),
        ]
        return pairs.allSatisfy { asked, text in
            guard let asked else { return true }
            return text.map(asked.hasBytes(of:)) ?? false
        }
    }

    private func hasStart(of metadata: ExecutionMetadata) -> Bool {
        guard startedAtFirst != nil || startedAtEnd != nil else { return true }
        guard let start = metadata.startedAt, start > 0 else { return false }
        return start >= startedAtFirst ?? 0 && startedAtEnd.map { start < $0 } ?? true
    }
}

/// Numbers from one to another, both among them; all where neither is given.
package struct ConditionRange: Sendable, Equatable {
    package var min: UInt64?
    package var max: UInt64?

    /// Makes a condition; without numbers there is none.
    package init(min: UInt64? = nil, max: UInt64? = nil) {
        self.min = min
        self.max = max
    }

    /// Whether there is no condition.
    package var isOpen: Bool { min == nil && max == nil }

    /// Whether a number is one of these; none matches only where there is no condition.
    package func matches(_ number: UInt64?) -> Bool {
        guard !isOpen else { return true }
        guard let number else { return false }
        return number >= min ?? 0 && number <= max ?? .max
    }
}

extension ExecutionMetadata {
    /// The value of a tag whose key has these bytes.
    fileprivate func value(ofTag key: String) -> String? {
        guard let index = tags.index(forKey: key), tags[index].key.hasBytes(of: key) else { return nil }
        return tags[index].value
    }
}

extension String {
    /// Whether both are the same bytes: Swift's strings are equal when they look the same.
    fileprivate func hasBytes(of other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
