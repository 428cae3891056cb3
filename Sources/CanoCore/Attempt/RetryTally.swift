/// Counts the failed attempts of one task and decides what follows. Knows no clock and runs nothing.
struct RetryTally {
    enum Decision {
        /// Try again after the pause.
        case retry(after: Duration)
        /// The task has failed with this error.
        case giveUp(CanoError)
    }

    private(set) var failures: Int

    init(failures: Int = 0) { self.failures = failures }

    /// Records that an attempt failed.
    ///
    /// - Parameters:
    ///   - failure: What it failed with.
    ///   - error: What it threw, which that may describe.
    ///   - config: What the task's configuration says.
    ///   - retry: How often it is repeated.
    ///   - most: How many attempts there are at most, where these are fewer.
    ///   - random: Where the jitter comes from.
    /// - Returns: What follows.
    mutating func failed(
        _ failure: CanoError, thrownAs error: any Error, under config: TaskConfig, _ retry: RetryMode, atMost most: Int? = nil,
        random: RandomSource
    ) -> Decision {
        failures += 1
        let isRetryable = failure.isRetryable && config.retryIf?(error) ?? true
        if isRetryable, failures < most ?? .max, let pause = retry.delay(afterAttempt: failures - 1, random: random) {
            return .retry(after: max(failure.retryAfter ?? pause, .zero))
        }
        // Only now, for a change copies an error, and most failures lead to another attempt.
        var described = failure
        if described.attempt == nil { described.attempt = failures }
        guard isRetryable else { return .giveUp(described) }
        guard min(retry.maxAttempts, most ?? .max) > 1 else { return .giveUp(described) }
        return .giveUp(
            CanoError(
                .retryExhausted, "all \(failures) attempts failed, the last with: \(described.message)",
                code: described.code == described.category.rawValue ? nil : described.code, state: described.state, task: described.task,
                attempt: failures, causes: [described], underlying: described.underlying))
    }
}
