/// The writes of one attempt to one store, in order, and how they change what a read sees. Holds values only.
struct StagedWrites {
    /// The name of the shared store; `nil` for the run's own.
    let store: String?
    private(set) var writes: [StagedWrite] = []
    /// Where the last write to a name is.
    private var last: [String: Int] = [:]

    init(to store: String? = nil) { self.store = store }

    var isEmpty: Bool { writes.isEmpty }

    /// Adds a write. One that makes its predecessor irrelevant takes its place, so a loop that keeps setting a name costs one write.
    mutating func add(_ operation: StagedWrite.Operation, to key: String) {
        if let index = last[key], let merged = Self.merge(writes[index].operation, operation) {
            writes[index] = StagedWrite(store: store, key: key, operation: merged)
        } else {
            last[key] = writes.count
            writes.append(StagedWrite(store: store, key: key, operation: operation))
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
        var value: (any StoredValue)? = base.map { Stored($0) }
        for write in writes where write.key == key.name { try write.operation.apply(to: &value, key: key.name) }
        return try Stored<Value>.value(in: value, named: key.name)
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
    /// Changes a value as this write says; `nil` is no value. It is unchanged when it doesn't fit; others who hold the old
    /// value keep it as it was.
    @usableFromInline func apply(to value: inout (any StoredValue)?, key: String) throws(CanoError) {
        switch self {
        case .put(let new):
            value = Self.stored(new)
        case .remove:
            value = nil
        case .putIfAbsent(let new):
            value = value ?? Self.stored(new)
        case .increment(let amount):
            value = Stored(try Self.sum(of: try Stored<Int>.value(in: value, named: key) ?? 0, amount, key: key))
        case .append(let element):
            value = try Self.list(with: element, &value, key: key)
        }
    }

    private static func stored<Value: Codable & Sendable>(_ value: Value) -> any StoredValue { Stored(value) }

    static func sum(of number: Int, _ amount: Int, key: String) throws(CanoError) -> Int {
        let (sum, overflow) = number.addingReportingOverflow(amount)
        if overflow { throw CanoError(.store, "\"\(key)\" would leave the range of a 64-bit integer", isRetryable: false) }
        return sum
    }

    private static func list<Element: Codable & Sendable>(
        with element: Element, _ value: inout (any StoredValue)?, key: String
    ) throws(CanoError) -> any StoredValue {
        var list = try Stored<[Element]>.value(in: value, named: key) ?? []
        // Let go of the other reference, or every append would copy the list.
        value = nil
        list.append(element)
        return Stored(list)
    }
}

extension CanoError {
    @usableFromInline static func mismatch(_ key: String, holds value: any Sendable, wanted: any Any.Type) -> CanoError {
        CanoError(.store, "\"\(key)\" holds a \(type(of: value)), not a \(wanted)", isRetryable: false)
    }
}
