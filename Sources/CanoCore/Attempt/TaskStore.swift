/// The run's store, or one that runs share, as one attempt sees it.
///
/// Reads see what the attempt wrote. Writes are kept aside until the attempt succeeds, and vanish when it fails, times
/// out or is cancelled. After the attempt has ended every method throws ``CanoError/Category/attemptEnded``.
public struct TaskStore: Store {
    /// A store that runs share.
    final class Shared: Sendable {
        let name: String
        let store: any Store
        let all: any SharedStores

        init(name: String, store: any Store, all: any SharedStores) {
            self.name = name
            self.store = store
            self.all = all
        }
    }

    let scope: AttemptScope
    let generation: UInt64
    /// `nil` for the run's own store.
    let shared: Shared?

    private var underlying: any Store { shared?.store ?? scope.run.store }

    /// The value, or `nil` when there is none.
    public func get<Value>(_ key: StoreKey<Value>) async throws -> Value? {
        let base = try scope.hides(key.name, of: shared?.name, in: generation) ? nil : try await underlying.get(key)
        return try scope.view(of: key, in: shared?.name, over: base, generation)
    }

    /// Sets the value when the attempt succeeds.
    public func put<Value>(_ value: Value, for key: StoreKey<Value>) async throws { try await write(.put(value), to: key.name) }

    /// Removes the value when the attempt succeeds.
    public func remove<Value>(_ key: StoreKey<Value>) async throws { try await write(.remove, to: key.name) }

    /// Adds to the number when the attempt succeeds.
    ///
    /// - Returns: What the sum would be now; another branch or run may change the value before the step commits.
    public func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int {
        let before = try await get(key) ?? 0
        let (sum, overflow) = before.addingReportingOverflow(amount)
        if overflow { throw CanoError(.store, "\"\(key.name)\" would leave the range of a 64-bit integer", isRetryable: false) }
        try await write(.increment(amount), to: key.name)
        return sum
    }

    /// Sets the value when the attempt succeeds, unless there is one.
    ///
    /// Of the branches of a split, and the items of a batch, that claim one name one at most is told yes. The others don't see its value
    /// before the split or the batch is over. A claim ends with the attempt that made it, when that fails.
    ///
    /// When another run has set it by then the state runs again, in the same visit, and finds that value.
    ///
    /// - Returns: Whether there was none, and no other part of this run's step has claimed the name.
    public func putIfAbsent<Value>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool {
        guard scope.isStaged else { return try await underlying.putIfAbsent(value, for: key) }
        if try await get(key) != nil { return false }
        return try scope.claim(value, for: key.name, of: shared?.name, in: generation)
    }

    /// Adds the element to the list when the attempt succeeds.
    public func append<Element>(_ element: Element, to key: StoreKey<[Element]>) async throws {
        try await write(.append(element), to: key.name)
    }

    /// The names of all values, those the attempt wrote included.
    public func keys() async throws -> [String] {
        try scope.ensureOpen(generation)
        return try scope.names(of: shared?.name, over: try await underlying.keys(), in: generation)
    }

    private func write(_ operation: StagedWrite.Operation, to key: String) async throws {
        if scope.isStaged { return try scope.stage(operation, to: key, of: shared?.name, in: generation) }
        let write = StagedWrite(store: shared?.name, key: key, operation: operation)
        if let shared { try await shared.all.apply([write]) } else { try scope.run.store.apply([write]) }
    }
}
