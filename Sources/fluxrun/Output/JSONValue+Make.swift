import FluxFormat
import Foundation

extension JSONValue {
    /// A whole number.
    static func number(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

    /// The value, or `null`.
    static func optional<Value>(_ value: Value?, _ make: (Value) -> JSONValue) -> JSONValue {
        value.map(make) ?? .null
    }

    /// Bytes of a body: `{"text": …}` where they are UTF-8, else `{"base64": …}`; `null` for none.
    static func body(_ bytes: [UInt8]?) -> JSONValue {
        guard let bytes else { return .null }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .members(["base64": .text(Data(bytes).base64EncodedString())])
        }
        return .members(["text": .text(text)])
    }
}
