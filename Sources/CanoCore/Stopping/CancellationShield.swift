/// Runs the body to its end even when the calling task is cancelled: the body's own task is not.
///
/// Costs a task, so use it where clean-up must not be cut short, not around every call.
func withCancellationShield<Value: Sendable>(_ body: @escaping @concurrent @Sendable () async throws -> Value) async throws -> Value {
    try await Task { try await body() }.value
}
