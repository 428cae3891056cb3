public import Synchronization

/// A store in memory: values as they are, nothing encoded, gone with the process.
///
/// Safe to use from any task and, through its subscript and ``update(_:default:_:)``, from code that cannot wait.
///
/// It holds as much as there is memory. The store that a run gets when it is given none is held to ``StoreLimit/runBytes``, as on a bus:
/// give a run a `MemoryStore()` to lift that. The subscript and ``update(_:default:_:)`` are held to no limit: in a store that has one, the
/// next `append` finds a value that they made too long.
public final class MemoryStore: RunStore, Resource {
    @usableFromInline let values: Mutex<StoredValues>
    /// Whether what is written counts.
    @usableFromInline let isMetered: Bool
    private let meter: Mutex<StoreMeter>

    /// Creates an empty store.
    public convenience init() { self.init(boundedBy: nil) }

    init(boundedBy bound: StoreMeter.Bound?) {
        values = Mutex(StoredValues())
        isMetered = bound != nil
        meter = Mutex(StoreMeter(bound ?? .whole))
    }

    /// The value, or `nil` when there is none or it has another type. Setting `nil` removes it.
    public subscript<Value>(key: StoreKey<Value>) -> Value? {
        @inlinable get { values.withLock { try? Stored<Value>.value(of: key.name, in: $0) } }
        @inlinable set {
            values.withLock { all in
                if let newValue { Self.set(newValue, key, in: &all) } else { all.remove(key.name) }
            }
        }
    }

    /// Changes a value in place, in one step.
    ///
    /// - Parameters:
    ///   - key: The name.
    ///   - initial: What to start from when there is no value.
    ///   - change: Changes the value; must not use this store.
    /// - Returns: What the change answered.
    /// - Throws: ``CanoError/Category/store`` when the value has another type.
    public func update<Value, Result: Sendable>(
        _ key: StoreKey<Value>, default initial: @autoclosure () -> Value, _ change: (inout Value) -> Result
    ) throws(CanoError) -> Result {
        try values.withLock { (all: inout StoredValues) throws(CanoError) -> Result in
            if let stored = all[key.name] as? Stored<Value> {
                stored.byteCount = 0
                return change(&stored.value)
            }
            var value = try Stored<Value>.value(in: all[key.name], named: key.name) ?? initial()
            let result = change(&value)
            all[key.name] = Stored(value)
            return result
        }
    }

    /// The value, or `nil` when there is none.
    ///
    /// - Throws: ``CanoError/Category/store`` when the value has another type.
    @inlinable public func get<Value>(_ key: StoreKey<Value>) async throws -> Value? {
        try values.withLock { (all: inout StoredValues) throws(CanoError) -> Value? in
            try Stored<Value>.value(of: key.name, in: all)
        }
    }

    /// Sets the value; its type may differ from the one before.
    @inlinable public func put<Value>(_ value: Value, for key: StoreKey<Value>) async throws {
        if isMetered { return try apply([StagedWrite(key: key.name, operation: .put(value))]) }
        values.withLock { Self.set(value, key, in: &$0) }
    }

    /// Removes the value; a name that isn't there is fine.
    public func remove<Value>(_ key: StoreKey<Value>) async throws { values.withLock { $0.remove(key.name) } }

    /// Adds to a number.
    ///
    /// - Returns: The new value.
    /// - Throws: ``CanoError/Category/store`` when the value is no number or the sum too large.
    public func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int {
        try values.withLock { all in
            if !isMetered, let stored = all[key.name] as? Stored<Int> {
                stored.value = try StagedWrite.Operation.sum(of: stored.value, amount, key: key.name)
                return stored.value
            }
            try change([StagedWrite(key: key.name, operation: .increment(amount))], &all)
            return try Stored<Int>.value(in: all[key.name], named: key.name) ?? amount
        }
    }

    /// Sets the value unless there is one.
    ///
    /// - Returns: Whether it was set.
    public func putIfAbsent<Value>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool {
        try values.withLock { all in
            guard all[key.name] == nil else { return false }
            try change([StagedWrite(key: key.name, operation: .put(value))], &all)
            return true
        }
    }

    /// Adds an element to a list.
    ///
    /// - Throws: ``CanoError/Category/store`` when the value is no list of such elements; it is then unchanged.
    @inlinable public func append<Element>(_ element: Element, to key: StoreKey<[Element]>) async throws {
        if isMetered { return try apply([StagedWrite(key: key.name, operation: .append(element))]) }
        try values.withLock { all in
            if let stored = all[key.name] as? Stored<[Element]> { return stored.value.append(element) }
            try StagedWrite.Operation.append(element).apply(to: &all[key.name], key: key.name)
        }
    }

    /// The names of all values.
    public func keys() async throws -> [String] { values.withLock { $0.names } }

    /// How many values there are.
    public var count: Int { values.withLock { $0.count } }

    /// Whether there is no value.
    public var isEmpty: Bool { values.withLock { $0.isEmpty } }

    /// Whether there is a value of that name, of whatever type.
    public func contains(_ name: String) -> Bool { values.withLock { $0[name] != nil } }

    /// Removes every value.
    public func removeAll() { values.withLock { $0.removeAll() } }

    /// Applies the writes in order, all of them or none.
    ///
    /// - Throws: ``CanoError/Category/store`` when one doesn't fit the value that is there, or when a store with a limit would hold more.
    public func apply(_ writes: [StagedWrite]) throws { try values.withLock { try change(writes, &$0) } }

    private func change(_ writes: [StagedWrite], _ all: inout StoredValues) throws {
        if !isMetered, writes.count == 1, let write = writes.first {
            return try write.operation.apply(to: &all[write.key], key: write.key)
        }
        var journal = WriteJournal()
        do {
            for write in writes { try journal.apply(write, to: &all) }
            try count(writes, in: all)
        } catch {
            journal.putBack(&all)
            throw error
        }
    }

    /// Counts writes that were made, where they count.
    ///
    /// - Throws: ``CanoError/Category/store`` when they are to be taken back.
    func count(_ writes: [StagedWrite], in all: StoredValues) throws {
        if isMetered { try meter.withLock { try $0.count(writes, in: all) } }
    }

    @inlinable static func set<Value>(_ value: Value, _ key: StoreKey<Value>, in all: inout StoredValues) {
        guard let stored = all[key.name] as? Stored<Value> else {
            all[key.name] = Stored(value)
            return
        }
        stored.value = value
        // Where values are counted this one was changed by code that cannot wait, so that its count no longer holds.
        stored.byteCount = 0
    }

    /// Changes all values in one step.
    func withValues<Result: Sendable>(_ change: (inout StoredValues) throws -> Result) rethrows -> Result {
        try values.withLock { try change(&$0) }
    }
}
