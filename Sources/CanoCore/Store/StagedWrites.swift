/// The writes of one attempt, in order, and how they change what a read sees. Holds values only.
struct StagedWrites {
    private(set) var writes: [StagedWrite] = []
    /// Where the last write to a name is.
    private var last: [String: Int] = [:]

    var isEmpty: Bool { writes.isEmpty }

    /// Adds a write. One that makes its predecessor irrelevant takes its place, so a loop that keeps setting a name costs one write.
    mutating func add(_ operation: StagedWrite.Operation, to key: String) {
        if let index = last[key], let merged = Self.merge(writes[index].operation, operation) {
            writes[index] = StagedWrite(key: key, operation: merged)
        } else {
            last[key] = writes.count
            writes.append(StagedWrite(key: key, operation: operation))
        }
    }

    private static func merge(_ earlier: StagedWrite.Operation, _ later: StagedWrite.Operation) -> StagedWrite.Operation? {
        switch (earlier, later) {
        case (.put, .put), (.put, .remove), (.remove, .put), (.remove, .remove), (.increment, .put), (.increment, .remove):
            return later
        case (.increment(let first), .increment(let second)):
            let (sum, overflow) = first.addingReportingOverflow(second)
            return overflow ? nil : .increment(sum)
        default:
            return nil
        }
    }

    /// Whether a read of the name sees more than what is underneath.
    func touches(_ key: String) -> Bool { last[key] != nil }

    /// Whether what is underneath no longer matters, whatever its type.
    func hides(_ key: String) -> Bool {
        guard touches(key) else { return false }
        return writes.contains { write in
            guard write.key == key else { return false }
            switch write.operation {
            case .put, .remove: return true
            case .increment, .putIfAbsent, .append: return false
            }
        }
    }

    /// What a read sees of a value that is `base` underneath.
    func view<Value: Sendable>(of key: StoreKey<Value>, over base: Value?) throws(CanoError) -> Value? {
        guard touches(key.name) else { return base }
        var value: (any Sendable)? = base
        for write in writes where write.key == key.name { try write.operation.apply(to: &value, key: key.name) }
        guard let value else { return nil }
        guard let typed = value as? Value else { throw CanoError.mismatch(key.name, holds: value, wanted: Value.self) }
        return typed
    }

    /// Which names exist, given those that do underneath.
    func names(over base: [String]) -> [String] {
        var present = Set(base)
        for write in writes {
            if case .remove = write.operation { present.remove(write.key) } else { present.insert(write.key) }
        }
        return Array(present)
    }
}

extension StagedWrite.Operation {
    /// Changes a value as this write says; `nil` is no value. The value is unchanged when it doesn't fit.
    func apply(to value: inout (any Sendable)?, key: String) throws(CanoError) {
        switch self {
        case .put(let new):
            value = new
        case .remove:
            value = nil
        case .putIfAbsent(let new):
            value = value ?? new
        case .increment(let amount):
            guard let found = value else {
                value = amount
                return
            }
            guard let number = found as? Int else { throw CanoError.mismatch(key, holds: found, wanted: Int.self) }
            let (sum, overflow) = number.addingReportingOverflow(amount)
            if overflow { throw CanoError(.store, "\"\(key)\" would leave the range of a 64-bit integer", isRetryable: false) }
            value = sum
        case .append(let element):
            try Self.append(element, to: &value, key: key)
        }
    }

    private static func append<Element: Sendable>(_ element: Element, to value: inout (any Sendable)?, key: String) throws(CanoError) {
        guard var list = value == nil ? [] : value as? [Element] else {
            throw CanoError.mismatch(key, holds: value ?? element, wanted: [Element].self)
        }
        // Let go of the other reference, or every append would copy the list.
        value = nil
        list.append(element)
        value = list
    }
}

extension CanoError {
    static func mismatch(_ key: String, holds value: any Sendable, wanted: any Any.Type) -> CanoError {
        CanoError(.store, "\"\(key)\" holds a \(type(of: value)), not a \(wanted)", isRetryable: false)
    }
}
