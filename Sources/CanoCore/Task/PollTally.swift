/// Counts errors in a row and says how long to wait. Never answers a pause of nothing: that would be a busy loop.
struct PollTally {
    static let shortestPause = Duration.milliseconds(1)

    let policy: PollErrorPolicy
    private var errors = 0

    init(policy: PollErrorPolicy) { self.policy = policy }

    mutating func pending(_ delay: Duration) -> Duration {
        errors = 0
        return max(delay, Self.shortestPause)
    }

    /// - Returns: The pause before the next poll, or `nil` when the error is not forgiven: one that no repetition cures never is.
    mutating func failed(_ error: any Error) -> Duration? {
        guard case .retryOnError(let maxErrors, let pause) = policy, CanoError(error).isRetryable else { return nil }
        errors += 1
        return errors > maxErrors ? nil : max(pause, Self.shortestPause)
    }
}
