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
    ///   - error: What it threw.
    ///   - config: What the task's configuration says.
    ///   - retry: How often it is repeated.
    ///   - random: Where the jitter comes from.
    /// - Returns: What follows.
    mutating func failed(_ error: any Error, under config: TaskConfig, _ retry: RetryMode, random: RandomSource) -> Decision {
        failures += 1
        var described = CanoError(error)
        if described.attempt == nil { described.attempt = failures }
        guard described.isRetryable, config.retryIf?(error) ?? true else { return .giveUp(described) }
        if let pause = retry.delay(afterAttempt: failures - 1, random: random) {
            return .retry(after: max(described.retryAfter ?? pause, .zero))
        }
        guard retry.maxAttempts > 1 else { return .giveUp(described) }
        return .giveUp(
            CanoError(
                .retryExhausted, "all \(failures) attempts failed, the last with: \(described.message)",
                code: described.code == described.category.rawValue ? nil : described.code, state: described.state, task: described.task,
                attempt: failures, causes: [described], underlying: described.underlying))
    }
}
