/// The run's store as one attempt sees it.
///
/// Reads see what the attempt wrote. Writes are kept aside until the attempt succeeds, and vanish when it fails, times
/// out or is cancelled. After the attempt has ended every method throws ``CanoError/Category/attemptEnded``.
public struct TaskStore: Store {
    let scope: AttemptScope
    let generation: UInt64

    /// The value, or `nil` when there is none.
    public func get<Value>(_ key: StoreKey<Value>) async throws -> Value? {
        let base = try scope.hides(key.name, in: generation) ? nil : try await scope.run.store.get(key)
        return try scope.view(of: key, over: base, in: generation)
    }

    /// Sets the value when the attempt succeeds.
    public func put<Value>(_ value: Value, for key: StoreKey<Value>) async throws { try stage(.put(value), to: key.name) }

    /// Removes the value when the attempt succeeds.
    public func remove<Value>(_ key: StoreKey<Value>) async throws { try stage(.remove, to: key.name) }

    /// Adds to the number when the attempt succeeds.
    ///
    /// - Returns: What the sum would be now; another branch or run may change the value before the step commits.
    public func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int {
        let before = try await get(key) ?? 0
        let (sum, overflow) = before.addingReportingOverflow(amount)
        if overflow { throw CanoError(.store, "\"\(key.name)\" would leave the range of a 64-bit integer", isRetryable: false) }
        try stage(.increment(amount), to: key.name)
        return sum
    }

    /// Sets the value when the attempt succeeds, unless there is one.
    ///
    /// - Returns: Whether there was none.
    public func putIfAbsent<Value>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool {
        if try await get(key) != nil { return false }
        try stage(.putIfAbsent(value), to: key.name)
        return true
    }

    /// Adds the element to the list when the attempt succeeds.
    public func append<Element>(_ element: Element, to key: StoreKey<[Element]>) async throws { try stage(.append(element), to: key.name) }

    /// The names of all values, those the attempt wrote included.
    public func keys() async throws -> [String] {
        try scope.ensureOpen(generation)
        return try scope.names(over: try await scope.run.store.keys(), in: generation)
    }

    private func stage(_ operation: StagedWrite.Operation, to key: String) throws(CanoError) {
        try scope.stage(operation, to: key, in: generation)
    }
}
