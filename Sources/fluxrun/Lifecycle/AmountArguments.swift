import ArgumentParser
import FluxStore

/// An age as a person types it: `30d`, `12h`, `90m` or `45s`.
struct AgeArgument: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = UInt32(argument.dropLast()) else {
            return nil
        }
        duration = .seconds(Int64(count) * unit)
    }
}

/// A size as a person types it: `10G`, `500M`, `64K` in powers of 1024, or bytes.
struct ByteCountArgument: ExpressibleByArgument {
    let byteCount: UInt64

    init?(argument: String) {
        let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
        let shift = argument.last.flatMap { shifts[$0] }
        guard let count = UInt64(shift == nil ? argument[...] : argument.dropLast()) else { return nil }
        let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: 1 << (shift ?? 0))
        guard !isTooMuch else { return nil }
        byteCount = bytes
    }
}

extension StoreArgument {
    /// Opens the store for writing, where there is one, runs `body`, and closes it in order.
    func whileWriting<Value>(_ body: (EventStore) async throws -> Value) async throws -> Value {
        // Opening for writing makes a store; this does not.
        _ = try EventStore.open(at: store, options: StoreOptions(access: .readOnly))
        let opened = try EventStore.open(at: store)
        for warning in opened.warnings { Console.warn(warning) }
        do {
            let value = try await body(opened)
            await opened.close()
            return value
        } catch {
            await opened.close()
            throw error
        }
    }
}
