import CanoPrimitives

/// The writes of one attempt to one store, in order, and how they change what a read sees. Holds values only.
struct StagedWrites {
    /// The name of the shared store; `nil` for the run's own.
    let store: String?
    private var all: [StagedWrite] = []
    /// Where the last write to a name is.
    private var last: [String: Int] = [:]
    /// Where the one before is that goes to the same name, of those that have one.
    private var earlier: [Int: Int] = [:]
    /// Those that a later one has made irrelevant and that could not take its place.
    private var dropped: Set<Int> = []

    init(to store: String? = nil) { self.store = store }

    var isEmpty: Bool { all.isEmpty }

    /// What is left to be done.
    var writes: [StagedWrite] {
        dropped.isEmpty ? all : all.indices.lazy.filter { !dropped.contains($0) }.map { all[$0] }
    }

    /// Adds a write. One that makes those before it irrelevant takes their place, so a loop that keeps setting a name costs one write.
    mutating func add(_ operation: StagedWrite.Operation, to key: String) {
        guard let index = last[key] else {
            last[key] = all.count
            return all.append(StagedWrite(store: store, key: key, operation: operation))
        }
        let write = StagedWrite(store: store, key: key, operation: operation)
        if write.isReplacement, !all[index].isClaim {
            replace(from: index, with: write)
        } else if let sum = Self.sum(all[index].operation, operation) {
            all[index] = StagedWrite(store: store, key: key, operation: sum)
        } else {
            earlier[all.count] = index
            last[key] = all.count
            all.append(write)
        }
    }

    /// Lets a write take the place of those to its name, from the last one back to a claim, which must stay: that another run has the name
    /// is to be found out, whatever this one makes of the value.
    private mutating func replace(from last: Int, with write: StagedWrite) {
        var first = last
        while let before = earlier[first], !all[before].isClaim {
            dropped.insert(first)
            earlier[first] = nil
            first = before
        }
        all[first] = write
        self.last[write.key] = first
    }

    private static func sum(_ first: StagedWrite.Operation, _ second: StagedWrite.Operation) -> StagedWrite.Operation? {
        guard case .increment(let first) = first, case .increment(let second) = second else { return nil }
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? nil : .increment(sum)
    }

    /// Whether a read of the name sees more than what is underneath.
    func touches(_ key: String) -> Bool { last[key] != nil }

    /// Whether there is a value after these writes, whatever is underneath.
    func sets(_ key: String) -> Bool {
        guard let index = last[key] else { return false }
        if case .remove = all[index].operation { return false }
        return true
    }

    /// Whether what is underneath no longer matters, whatever its type.
    func hides(_ key: String) -> Bool {
        var next = last[key]
        while let index = next {
            if all[index].isReplacement { return true }
            next = earlier[index]
        }
        return false
    }

    /// What a read sees of a value that is `base` underneath.
    func view<Value: Sendable>(of key: StoreKey<Value>, over base: Value?) throws(CanoError) -> Value? {
        guard let newest = last[key.name] else { return base }
        var value: (any StoredValue)? = base.map { Stored($0) }
        if earlier[newest] == nil {
            try all[newest].operation.apply(to: &value, key: key.name)
        } else {
            var indices = [newest]
            while let before = earlier[indices[indices.count - 1]] { indices.append(before) }
            for index in indices.reversed() { try all[index].operation.apply(to: &value, key: key.name) }
        }
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

extension StagedWrite {
    /// Whether what was there before no longer matters.
    var isReplacement: Bool {
        switch operation {
        case .put, .remove: true
        case .increment, .putIfAbsent, .append: false
        }
    }

    /// Whether it depends on whether there is a value.
    var isClaim: Bool { if case .putIfAbsent = operation { true } else { false } }
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
            if let json = element as? JSONText {
                value = try json.added(to: value, named: key)
            } else {
                value = try Self.list(with: element, &value, key: key)
            }
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
