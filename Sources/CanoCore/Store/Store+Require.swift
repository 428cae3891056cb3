extension Store {
    /// The value, which must be there.
    ///
    /// - Throws: ``CanoError/Category/store`` with the code `missing_value` when there is none; what ``get(_:)`` throws.
    public func require<Value>(_ key: StoreKey<Value>) async throws -> Value {
        if let value = try await get(key) { return value }
        throw CanoError(
            .store, "the store has no value of \"\(key.name)\": no state on the way here has put one", code: "missing_value",
            isRetryable: false)
    }
}
