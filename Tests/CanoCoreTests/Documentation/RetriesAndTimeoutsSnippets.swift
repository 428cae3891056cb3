import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RetriesAndTimeoutsSnippets {
    enum Stage: String, WorkflowState, CaseIterable { case charge, done }

    private func orders(_ handler: StateHandler<Stage>) -> Workflow<Stage> {
        Workflow("orders", startingAt: .charge) { $0 == .charge ? handler : .exit }
    }

    // snippet.errors
    struct CardDeclined: CodedError, TerminalError {
        var code: String { "card_declined" }
    }

    struct TooManyRequests: RetryAfterError {
        var retryAfter: Duration { .seconds(7) }
    }
    // snippet.end

    @Test("a configuration says how often, how long and which errors")
    func config() async throws {
        // snippet.config
        let config = TaskConfig(
            retry: .exponential(5, from: .milliseconds(200), upTo: .seconds(10)),
            attemptTimeout: .seconds(30),
            retryIf: { error in !(error is CardDeclined) })
        // snippet.end
        #expect(config.retry.maxAttempts == 6)
        let clock = ManualClock()
        let orders = orders(
            .task(config: config) { context in
                if context.attempt == 1 { throw TooManyRequests() }
                return .done
            })
        try await clock.skippingWaits { try await orders.run(in: WorkflowRuntime(clock: clock)) }
        #expect(clock.now >= MonotonicInstant(nanoseconds: 7_000_000_000))
    }

    @Test("a failed run says what, where and after how many attempts")
    func failure() async throws {
        let orders = orders(.task { _ in throw CardDeclined() })
        var report = ""
        // snippet.failure
        do throws(CanoError) {
            try await orders.run(timeout: .seconds(60))
        } catch {
            report = "\(error.code) in \(error.state ?? "no state"), attempt \(error.attempt ?? 0)"
        }
        // snippet.end
        #expect(report == "card_declined in charge, attempt 1")
    }

    @Test("a control stops a run and says why")
    func stopping() async throws {
        let runtime = WorkflowRuntime(clock: ManualClock())
        let orders = orders(
            .task { context in
                try await context.sleep(for: .seconds(3600))
                return .done
            })
        // snippet.stop
        let run = orders.start(as: "order-1", in: runtime)
        run.stop(.cancelled(reason: "the customer changed their mind"))
        // snippet.end
        let error = await #expect(throws: CanoError.self) { try await run.output() }
        #expect(error?.category == .cancelled)
    }
}
