import FluxFormat
import Testing

@testable import FluxImport

/// Reads a text as the file `path`.
func imported(
    _ text: String, path: String = "folder/case.yaml", app: String? = nil, family: String? = nil
) throws(ImportError) -> ImportedFile {
    try RecordingReader(app: app, family: family).recordings(in: Array(text.utf8), path: path)
}

/// The error with which bytes are refused as a whole; an issue is recorded when they are not.
func refusal(of bytes: [UInt8], path: String, sourceLocation: SourceLocation = #_sourceLocation) -> ImportError? {
    do throws(ImportError) {
        let file = try RecordingReader().recordings(in: bytes, path: path)
        Issue.record("\(file.kind) was read from \(path)", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}

/// The error with which a text is refused as a whole; an issue is recorded when it is not.
func refusal(of text: String, path: String, sourceLocation: SourceLocation = #_sourceLocation) -> ImportError? {
    refusal(of: Array(text.utf8), path: path, sourceLocation: sourceLocation)
}

extension ImportedFile {
    /// All interactions in the order of the executions.
    var exchanges: [HTTPExchange] {
        get throws { try executions.flatMap { try $0.exchanges } }
    }

    /// The only interaction.
    var exchange: HTTPExchange {
        get throws {
            let exchanges = try exchanges
            try #require(exchanges.count == 1)
            return exchanges[0]
        }
    }
}

extension Execution {
    /// The interactions in their order.
    var exchanges: [HTTPExchange] {
        get throws {
            try events.map { event in
                try HTTPExchange(
                    payload: event.payload.span.bytes,
                    descriptor: EventDescriptor(parsing: event.descriptor.span.bytes),
                    offsetNanoseconds: event.offsetNanoseconds)
            }
        }
    }
}

/// A text of some bytes; what is not UTF-8 becomes U+FFFD.
func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
