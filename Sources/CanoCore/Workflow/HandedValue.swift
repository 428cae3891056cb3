extension StoreKey {
    /// Where the value lies that was handed on to the state with that label.
    ///
    /// It is not removed when it is taken: a state that runs again after a crash takes it again.
    static func handed(to label: String) -> StoreKey { StoreKey("handed-to:\(label)") }
}

extension Store {
    /// The value that was handed on to the state with that label.
    func handed<Value: Codable & Sendable>(to label: String) async throws -> Value {
        if let value = try await get(StoreKey<Value>.handed(to: label)) { return value }
        throw CanoError(
            .store, "state \"\(label)\" takes \(Value.self), and the state before it has handed none on", code: "missing_value",
            isRetryable: false)
    }
}

extension TaskContext {
    /// The value that was handed on to this state.
    func handed<Value: Codable & Sendable>() async throws -> Value { try await store.handed(to: state) }

    /// Hands a value on when the attempt succeeds.
    ///
    /// - Returns: The state that takes it.
    func hand(_ value: some Codable & Sendable, to next: State) async throws -> State {
        try await store.put(value, for: .handed(to: next.label))
        return next
    }
}

/// The types of the values a state takes and hands on; `nil` for no value.
struct HandedTypes: Sendable {
    let taken: Any.Type?
    let handedOn: Any.Type?

    static var none: HandedTypes { HandedTypes(taken: nil, handedOn: nil) }
}
