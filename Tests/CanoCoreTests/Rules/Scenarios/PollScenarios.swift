import CanoCore
import CanoTesting
import RuleFixture
import Testing

struct PollScenarios {
    struct Ask: PollTask {
        let answers: Journal<Int>
        let script: @Sendable (Int) throws -> PollOutcome<Step>
        var onPollError = PollErrorPolicy.failFast

        func poll(_ context: TaskContext<Step>) async throws -> PollOutcome<Step> {
            answers.add(answers.entries.count)
            return try script(answers.entries.count)
        }
    }

    let clock = ManualClock()
    let answers = Journal<Int>()

    private func run(_ task: Ask) async throws -> Step {
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let clock = clock
        return try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
    }

    func pending() async throws -> Facts {
        return [
            "end": try await run(Ask(answers: answers) { $0 < 4 ? .pending(retryIn: $0 == 1 ? .zero : .seconds(1)) : .ready(.done) }),
            "polls": answers.entries.count, "time": clock.now,
        ]
    }

    func failFast() async throws -> Facts {
        let error = await caught { try await run(Ask(answers: answers) { _ in throw Mishap() }) }
        return ["code": error?.code, "polls": answers.entries.count]
    }

    func terminal() async throws -> Facts {
        let policy = PollErrorPolicy.retryOnError(maxErrors: 5)
        let error = await caught {
            try await run(Ask(answers: answers, script: { _ in throw Hopeless() }, onPollError: policy))
        }
        return ["is retryable": error?.isRetryable, "polls": answers.entries.count]
    }

    func forgiven() async throws -> Facts {
        let policy = PollErrorPolicy.retryOnError(maxErrors: 2, pause: .seconds(1))
        let script: @Sendable (Int) throws -> PollOutcome<Step> = { count in
            if count == 3 { return .pending(retryIn: .seconds(1)) }
            throw Mishap(code: "error \(count)")
        }
        let error = await caught { try await run(Ask(answers: answers, script: script, onPollError: policy)) }
        return ["code": error?.code, "time": clock.now]
    }
}
