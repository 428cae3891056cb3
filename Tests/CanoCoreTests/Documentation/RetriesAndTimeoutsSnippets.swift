import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RetriesAndTimeoutsSnippets {
    enum Stage: String, WorkflowState { case charge, done }

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
            retry: .exponentialBackoff(
                maxRetries: 5, baseDelay: .milliseconds(200), multiplier: 2, maxDelay: .seconds(10), jitter: 0.2),
            attemptTimeout: .seconds(30),
            retryIf: { error in !(error is CardDeclined) })
        // snippet.end
        #expect(config.retry.maxAttempts == 6)
        let clock = ManualClock()
        let workflow = Workflow<Stage>()
            .register(.charge, config: config) { context in
                if context.attempt == 1 { throw TooManyRequests() }
                return .done
            }
            .addExitState(.done)
        #expect(
            try await clock.skippingWaits { try await workflow.orchestrate(from: .charge, in: WorkflowRuntime(clock: clock)) } == .done)
        #expect(clock.now >= MonotonicInstant(nanoseconds: 7_000_000_000))
    }

    @Test("a failed run says what, where and after how many attempts")
    func failure() async throws {
        let orders = Workflow<Stage>().register(.charge) { _ in throw CardDeclined() }.addExitState(.done)
        var report = ""
        // snippet.failure
        do {
            _ = try await orders.orchestrate(from: .charge, timeout: .seconds(60))
        } catch {
            report = "\(error.code) in \(error.state ?? "no state"), attempt \(error.attempt ?? 0)"
        }
        // snippet.end
        #expect(report == "card_declined in charge, attempt 1")
    }

    @Test("a control stops a run and says why")
    func stopping() async throws {
        let runtime = WorkflowRuntime(clock: ManualClock())
        let orders = Workflow<Stage>()
            .register(.charge) { context in
                try await context.sleep(for: .seconds(3600))
                return .done
            }
            .addExitState(.done)
        // snippet.stop
        let control = RunControl()
        let run = Task {
            try await orders.drive(Run(id: "order-1", start: .fresh(.charge), control: control), in: runtime)
        }
        control.stop(.cancelled(reason: "the customer changed their mind"))
        // snippet.end
        let error = await #expect(throws: CanoError.self) { try await run.value }
        #expect(error?.category == .cancelled)
    }
}
