/// META with its bytes as they are stored. A class: many fields are handed on as one reference.
package final class EncodedMetadata: Sendable, Equatable {
    package let value: ExecutionMetadata
    /// Fields that this version does not know are among them, where the bytes were read.
    package let bytes: [UInt8]

    /// Encodes metadata.
    package init(_ value: ExecutionMetadata) {
        self.value = value
        bytes = value.encoded
    }

    /// Reads stored metadata.
    package init(parsing bytes: RawSpan) throws(FormatError) {
        value = try ExecutionMetadata(parsing: bytes)
        self.bytes = bytes.array
    }

    package static func == (first: EncodedMetadata, second: EncodedMetadata) -> Bool { first.bytes == second.bytes }
}
