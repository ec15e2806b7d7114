/// A value for each of many executions: what a dictionary does, for keys that are mostly random bits already.
///
/// Open addressing with linear probing, and deletion that leaves no marks (Knuth, "Sorting and Searching", section 6.4,
/// algorithms L and R); at most half of the slots are taken. Ids come from outside, so they are mixed with a seed (a
/// folded product, as in Wang Yi's wyhash): who chooses ids cannot choose ones that collide.
@usableFromInline
package struct ExecutionIDMap<Value> {
    /// `none` where the slot is free.
    @usableFromInline var ids: [ExecutionID] = []
    @usableFromInline var values: [Value?] = []
    @usableFromInline var taken = 0
    /// The value of `none`, which is no execution's id: a damaged or forged file may have it all the same.
    @usableFromInline var valueOfNone: Value?
    @usableFromInline let seed: (high: UInt64, low: UInt64)

    /// An empty map.
    @inlinable
    package init() {
        self.init(seed: (.random(in: .min ... .max), .random(in: .min ... .max)))
    }

    @inlinable
    init(seed: (high: UInt64, low: UInt64)) {
        self.seed = seed
    }

    /// Executions that have a value.
    @inlinable package var count: Int { taken + (valueOfNone == nil ? 0 : 1) }

    @inlinable package var isEmpty: Bool { count == 0 }

    /// The executions, in no order.
    package var keys: [ExecutionID] {
        ids.filter { $0 != .none } + (valueOfNone == nil ? [] : [.none])
    }

    /// The value of an execution. O(1).
    @inlinable
    package subscript(id: ExecutionID) -> Value? {
        get {
            if Self.isNone(id) { return valueOfNone }
            return ids.isEmpty ? nil : values[slot(of: id)]
        }
        set {
            if let newValue { updateValue(newValue, for: id) } else { removeValue(for: id) }
        }
    }

    /// Sets the value of an execution, and returns the one before.
    @inlinable
    @discardableResult
    package mutating func updateValue(_ value: Value, for id: ExecutionID) -> Value? {
        if Self.isNone(id) {
            defer { valueOfNone = value }
            return valueOfNone
        }
        if taken >= ids.count / 2 { grow() }
        let slot = slot(of: id)
        let old = values[slot]
        if Self.isNone(ids[slot]) {
            ids[slot] = id
            taken += 1
        }
        values[slot] = value
        return old
    }

    /// Forgets an execution.
    @inlinable
    package mutating func removeValue(for id: ExecutionID) {
        if Self.isNone(id) { valueOfNone = nil }
        guard !ids.isEmpty else { return }
        var free = slot(of: id)
        guard !Self.isNone(ids[free]) else { return }
        taken -= 1
        // Those that were pushed behind the slot move up.
        var next = (free + 1) & mask
        while !Self.isNone(ids[next]) {
            if (next - firstSlot(of: ids[next])) & mask >= (next - free) & mask {
                ids[free] = ids[next]
                values[free] = values[next]
                free = next
            }
            next = (next + 1) & mask
        }
        ids[free] = ExecutionID(high: 0, low: 0)
        values[free] = nil
    }

    /// Forgets the executions whose value is meant; `body` is asked once for each.
    @inlinable
    package mutating func removeAll(where body: (Value) -> Bool) {
        var rest = ExecutionIDMap(seed: seed)
        for slot in ids.indices {
            guard let value = values[slot], !body(value) else { continue }
            rest.updateValue(value, for: ids[slot])
        }
        if let value = valueOfNone, !body(value) { rest.valueOfNone = value }
        self = rest
    }

    /// Forgets all executions, and keeps the room unless most of it was free. O(executions).
    @inlinable
    package mutating func removeAll() {
        valueOfNone = nil
        guard taken > 0 else { return }
        guard taken >= ids.count / 16 else {
            self = ExecutionIDMap(seed: seed)
            return
        }
        for slot in ids.indices {
            ids[slot] = ExecutionID(high: 0, low: 0)
            values[slot] = nil
        }
        taken = 0
    }

    @inlinable
    mutating func grow() {
        let count = max(16, ids.count * 2)
        let old = (ids: ids, values: values)
        ids = Array(repeating: ExecutionID(high: 0, low: 0), count: count)
        values = Array(repeating: nil, count: count)
        for place in old.ids.indices where !Self.isNone(old.ids[place]) {
            let slot = slot(of: old.ids[place])
            ids[slot] = old.ids[place]
            values[slot] = old.values[place]
        }
    }

    @inlinable var mask: Int { ids.count - 1 }

    /// The slot of an execution, or the free one where it would stand.
    @inlinable
    func slot(of id: ExecutionID) -> Int {
        var slot = firstSlot(of: id)
        while !Self.isNone(ids[slot]), ids[slot].high != id.high || ids[slot].low != id.low { slot = (slot + 1) & mask }
        return slot
    }

    @inlinable
    func firstSlot(of id: ExecutionID) -> Int {
        let product = (id.high ^ seed.high).multipliedFullWidth(by: id.low ^ seed.low)
        return Int(truncatingIfNeeded: product.high ^ product.low) & mask
    }

    @inlinable
    static func isNone(_ id: ExecutionID) -> Bool { id.high | id.low == 0 }
}

extension ExecutionIDMap: Sendable where Value: Sendable {}
