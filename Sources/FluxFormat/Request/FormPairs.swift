/// The pairs of a query or of a form body, decoded and sorted by name, then by value.
///
/// `a` and `a=` are the same, and empty pairs (`&&`) are none.
package struct FormPairs: Sendable, Equatable {
    /// One name with its value.
    package struct Pair: Sendable, Hashable {
        /// The decoded name.
        package let name: [UInt8]
        /// The decoded value.
        package let value: [UInt8]
    }

    /// The pairs in their order.
    package let pairs: [Pair]

    /// Reads `name=value` pairs with `&` between them. Nothing can be wrong with them.
    package init(_ text: some Collection<UInt8>) {
        pairs = text.split(separator: UInt8(ascii: "&")).map { pair in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            return Pair(
                name: PercentEncoding.formDecoded(name),
                value: PercentEncoding.formDecoded(pair.dropFirst(name.count + 1)))
        }
        .sorted { $0.precedes($1) }
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt64(pairs.count))
        for pair in pairs {
            bytes.appendField(pair.name)
            bytes.appendField(pair.value)
        }
    }
}

extension FormPairs.Pair {
    fileprivate func precedes(_ other: Self) -> Bool {
        name == other.name
            ? value.lexicographicallyPrecedes(other.value) : name.lexicographicallyPrecedes(other.name)
    }
}
