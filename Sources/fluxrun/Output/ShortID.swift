import FluxFormat
import FluxStore

extension EventStore {
    /// The first digits of an id, as few as name it alone in this store, but at least eight.
    func shortID(of id: ExecutionID) throws -> String {
        let text = id.description
        for length in 8..<text.count {
            let prefix = text.prefix(length)
            if prefix.last != "-", try isAlone(String(prefix)) { return String(prefix) }
        }
        return text
    }

    private func isAlone(_ digits: String) throws(StoreError) -> Bool {
        guard let prefix = ExecutionIDPrefix(digits) else { return false }
        do throws(StoreError) {
            _ = try execution(startingWith: prefix)
            return true
        } catch {
            guard error.code == .ambiguous else { throw error }
            return false
        }
    }
}
