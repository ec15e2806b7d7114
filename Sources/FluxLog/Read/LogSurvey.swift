package import FluxFiles
import FluxFormat

/// Every segment that a log has, or should have, whatever became of it. Opens nothing for writing.
package struct LogSurvey<Files: FileSystem>: Sendable {
    /// Segments of a gap that are listed; a damaged number may claim billions.
    private static var missingCountMax: UInt32 { 1024 }

    package let directory: LogDirectory<Files>
    /// In order of their numbers.
    package private(set) var segments: [SurveyedSegment] = []

    /// `evidence` is what is known of the log's end outside of it, as from an index.
    package init(_ path: String, files: Files, evidence: LogEvidence) throws(LogError) {
        directory = try LogDirectory(path, files: files, access: .read)
        let listing = try SegmentListing(of: directory.segmentDirectory, files: files)
        var found: [UInt32: SurveyedSegment] = [:]
        for name in listing.names {
            if let listed = directory.segments.first(where: { $0.name.segment == name.segment }) {
                found[name.segment] = SurveyedSegment(number: name.segment, path: listed.path, listed: listed)
            } else if !directory.leftovers.contains(name.fileName), !directory.unused.contains(name.fileName),
                !directory.unused.contains(name.spareFileName)
            {
                let path = "\(directory.segmentDirectory)/\(name.fileName)"
                found[name.segment] = SurveyedSegment(number: name.segment, path: path, failure: failure(of: name))
            }
        }
        let promised = evidence.combined(with: directory.head?.evidence ?? .none).end
        let first = min(directory.head?.oldestSegment ?? .max, found.keys.min() ?? .max)
        var last = found.keys.max() ?? 0
        // A segment that holds its header alone is no loss.
        if promised.offset > SegmentHeader.byteCount { last = max(last, promised.segment) }
        guard first <= last else { return }
        var next = first
        for number in Set(found.keys).union([last]).sorted() {
            let listed = min(number - next, Self.missingCountMax)
            for missing in next..<next + listed { segments.append(Self.missing(missing, in: directory)) }
            segments.append(found[number] ?? Self.missing(number, in: directory))
            next = number &+ 1
        }
        for index in segments.indices.dropLast() where segments[index].listed?.trailer == nil {
            segments[index].isEndLost = true
        }
    }

    private static func missing(_ number: UInt32, in directory: LogDirectory<Files>) -> SurveyedSegment {
        let path = "\(directory.segmentDirectory)/\(SegmentName(segment: number).fileName)"
        return SurveyedSegment(number: number, path: path)
    }

    private func failure(of name: SegmentName) -> LogError? {
        do throws(LogError) {
            _ = try SegmentFile(
                opening: name, in: directory.segmentDirectory, files: directory.files, access: .read)
            return nil
        } catch {
            return error
        }
    }

    /// The file of a segment that is there, with its end as it is known.
    package func open(_ listed: ListedSegment) throws(LogError) -> SegmentFile<Files.File> {
        let segment = try SegmentFile(
            opening: listed.name, in: directory.segmentDirectory, files: directory.files, access: .read)
        return try listed.trailer == nil ? segment : segment.sealed(endingAt: listed.end.offset) ?? segment
    }

    /// Where a segment's frames must have ended, and the sequence behind them, as the next segment says.
    package func promise(of segment: SurveyedSegment) -> LogEvidence {
        guard let next = segments.first(where: { $0.number == segment.number + 1 })?.listed?.header,
            next.previousEnd.segment == segment.number
        else { return .none }
        return LogEvidence(end: next.previousEnd, nextFrameSequence: next.firstFrameSequence)
    }
}

/// A segment of a survey.
package struct SurveyedSegment: Sendable {
    package let number: UInt32
    package let path: String
    /// What is known of its file; `nil` where that is missing, or has no header that verifies.
    package private(set) var listed: ListedSegment?
    /// Why the file cannot be read.
    package private(set) var failure: LogError?
    /// Whether it is followed by another, and has no trailer.
    package internal(set) var isEndLost = false

    init(number: UInt32, path: String, listed: ListedSegment? = nil, failure: LogError? = nil) {
        self.number = number
        self.path = path
        self.listed = listed
        self.failure = failure
    }
}
