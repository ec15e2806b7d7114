import FluxFormat
import FluxStore

extension SegmentInspection.Frame {
    private var codecs: String { "\(header.codec & 0xF)/\(header.codec >> 4)" }

    /// The frame on one line.
    var line: String {
        "\(offset) \(FrameKind.name(header.kind)) flags=\(header.flags.rawValue) codec=\(codecs) "
            + "stored=\(header.storedByteCount) raw=\(header.rawByteCount) sequence=\(header.frameSequence) "
            + "execution=\(header.executionID) events=\(header.firstEvent)+\(header.eventCount) "
            + "durableEnd=\(header.durableEnd)"
    }

    /// The frame as a line of JSON.
    var json: JSONValue {
        .members([
            "offset": .number(offset), "kind": .text(FrameKind.name(header.kind)),
            "flags": .number(header.flags.rawValue), "codec": .number(header.codec),
            "storedBytes": .number(header.storedByteCount), "rawBytes": .number(header.rawByteCount),
            "sequence": .number(header.frameSequence), "execution": .text("\(header.executionID)"),
            "firstEvent": .number(header.firstEvent), "events": .number(header.eventCount),
            "durableEnd": .text("\(header.durableEnd)"),
        ])
    }
}

extension SegmentInspection {
    /// A figure on a line, then a line for each damage.
    var lines: [String] {
        guard let header else {
            return damage.isEmpty ? ["\(path): nothing was written yet, \(byteCount) bytes are reserved"] : damage
        }
        var lines = figures(of: header).map { $0.padded(to: 22) + $1 }
        lines += kindCounts.sorted { $0.key < $1.key }.map { kind, count in
            "frames of \(FrameKind.name(kind))".padded(to: 22) + "\(count)"
        }
        return lines + damage
    }

    private func figures(of header: SegmentHeader) -> [(String, String)] {
        var figures = [
            ("file", "\(path), \(byteCount) bytes"), ("store", "\(header.storeID)"),
            ("segment", "\(header.segment), generation \(header.generation)"),
            ("format", "\(SegmentHeader.formatMajor)"),
            ("salts", "\(header.segmentSalt) of the segment, \(header.storeSalt) of the store"),
            ("previous segment", "ends at \(header.previousEnd), last hash \(header.previousLastFrameHash)"),
            ("first sequence", "\(header.firstFrameSequence)"), ("created", Texts.time(header.createdAt)),
            ("writer", "epoch \(header.writerEpoch), features \(header.writerFeatures)"),
            ("reserved", "\(header.preallocatedByteCount)"),
        ]
        let sequences = firstSequence.flatMap { first in lastSequence.map { ", sequences \(first) to \($0)" } } ?? ""
        figures.append(("frames", "\(frameCount)\(sequences)"))
        if let seal {
            figures.append(
                ("seal", "\(seal.frames) frames, \(seal.executions) executions, \(seal.records) copies of META"))
        }
        if let trailer {
            figures.append(
                (
                    "trailer",
                    "\(trailer.frameCount) frames, \(trailer.executionCount) executions, seal at \(trailer.sealPosition)"
                ))
        } else {
            figures.append(("trailer", "none: the segment is not sealed"))
        }
        figures.append(("end", "\(end), with \(restByteCount) bytes behind it that are not zero"))
        return figures
    }

    /// All but the frames as a line of JSON.
    var json: JSONValue {
        .members([
            "path": .text(path), "bytes": .number(byteCount), "header": .optional(header) { $0.json },
            "frames": .number(frameCount), "firstSequence": .optional(firstSequence) { .number($0) },
            "lastSequence": .optional(lastSequence) { .number($0) },
            "kinds": .object(
                kindCounts.sorted { $0.key < $1.key }.map { kind, count in
                    JSONValue.Member(name: Array(FrameKind.name(kind).utf8), value: .number(count))
                }),
            "seal": .optional(seal) {
                .members([
                    "frames": .number($0.frames), "executions": .number($0.executions), "records": .number($0.records),
                ])
            },
            "trailer": .optional(trailer) { $0.json }, "end": .number(end), "restBytes": .number(restByteCount),
            "damage": .array(damage.map { .text($0) }),
        ])
    }
}

extension SegmentHeader {
    fileprivate var json: JSONValue {
        .members([
            "store": .text("\(storeID)"), "segment": .number(segment), "generation": .number(generation),
            "segmentSalt": .number(segmentSalt), "storeSalt": .number(storeSalt),
            "previousEnd": .text("\(previousEnd)"), "previousLastFrameHash": .number(previousLastFrameHash),
            "firstFrameSequence": .number(firstFrameSequence), "createdAt": .text(Texts.rfc3339(createdAt)),
            "writerFeatures": .number(writerFeatures), "writerEpoch": .number(writerEpoch),
            "preallocatedBytes": .number(preallocatedByteCount),
        ])
    }
}

extension SegmentTrailer {
    fileprivate var json: JSONValue {
        .members([
            "sealPosition": .text("\(sealPosition)"), "frames": .number(frameCount),
            "executions": .number(executionCount), "firstFrameSequence": .number(firstFrameSequence),
            "lastFrameHash": .number(lastFrameHash), "wallFirst": .number(wallFirst), "wallLast": .number(wallLast),
        ])
    }
}

extension FrameKind {
    /// A kind's name, or its number.
    fileprivate static func name(_ kind: UInt8) -> String {
        FrameKind(rawValue: kind).map { "\($0)" } ?? "kind \(kind)"
    }
}
