import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RateLimiterTests {
    let clock = ManualClock()

    func drop(_ reservation: consuming Reservation) {}

    @Test("a task that meets a limit is retried when the limit says")
    func inTask() async throws {
        let day = WindowedRateLimiter(WindowPolicy(1, per: .seconds(100)), clock: clock)
        let limiter = MultiRateLimiter(clock: clock).adding("day", day)
        try limiter.tryAcquire()
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { _ in
            try limiter.tryAcquire()
            return .done
        }
        let clock = clock
        #expect(try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) } == .done)
        #expect(clock.now == MonotonicInstant(nanoseconds: 100_000_000_000))
    }
}
