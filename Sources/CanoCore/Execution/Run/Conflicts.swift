/// Counts how often one step was refused. The first time it is done again at once, for its task may now see why; a store that goes on
/// refusing it is not asked without a pause.
struct Conflicts {
    private var visit = 0
    private var count = 0

    /// Waits before the step of that visit is done again. A stop that the run's task hears of ends the wait.
    mutating func pause(beforeRepeating visit: Int, in run: RunScope) async {
        count = visit == self.visit ? count + 1 : 0
        self.visit = visit
        guard count > 0, let pause = Self.pauses.delay(afterAttempt: count - 1, random: run.runtime.random) else { return }
        try? await run.runtime.clock.sleep(for: pause)
    }

    private static var pauses: RetryMode {
        .exponentialBackoff(maxRetries: .max, baseDelay: .milliseconds(10), multiplier: 2, maxDelay: .seconds(1), jitter: 0.1)
    }
}
