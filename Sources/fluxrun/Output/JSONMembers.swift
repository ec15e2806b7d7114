import FluxFormat
import Foundation

/// The members of an object, in the order in which they are added.
struct JSONMembers {
    private var list: [JSONValue.Member] = []

    /// Adds a member.
    mutating func add(_ name: String, _ value: JSONValue) {
        list.append(JSONValue.Member(name: Array(name.utf8), value: value))
    }

    /// Adds a body as `text`: as it is where it is UTF-8, else in base64, which the other member then says.
    mutating func addText(of body: [UInt8], encodingName: String) {
        if let text = String(validating: body, as: UTF8.self) {
            add("text", .text(text))
        } else {
            add("text", .text(Data(body).base64EncodedString()))
            add(encodingName, .text("base64"))
        }
    }

    /// The object.
    var value: JSONValue { .object(list) }
}
