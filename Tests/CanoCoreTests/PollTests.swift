import CanoCore
import CanoTesting
import Testing

@Suite struct PollTests {
    struct Ask: PollTask {
        let answers: Journal<Int>
        let script: @Sendable (Int) throws -> PollOutcome<Step>
        var onPollError = PollErrorPolicy.failFast

        func poll(_ context: TaskContext) async throws -> PollOutcome<Step> {
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

    @Test("PL-1 changed: pending waits and asks again; ready ends; a pause of nothing is still a pause")
    func pending() async throws {
        #expect(try await run(Ask(answers: answers) { $0 < 4 ? .pending(retryIn: $0 == 1 ? .zero : .seconds(1)) : .ready(.done) }) == .done)
        #expect(answers.entries.count == 4)
        #expect(clock.now == MonotonicInstant(nanoseconds: 2_001_000_000))
    }

    @Test("PL-2: the first error fails the poll by default")
    func failFast() async throws {
        await #expect(throws: CanoError.self) { try await run(Ask(answers: answers) { _ in throw Mishap() }) }
        #expect(answers.entries.count == 1)
    }

    @Test("PL-2 changed: an error that no repetition cures is never forgiven")
    func terminal() async throws {
        let policy = PollErrorPolicy.retryOnError(maxErrors: 5)
        await #expect(throws: CanoError.self) {
            try await run(Ask(answers: answers, script: { _ in throw Hopeless() }, onPollError: policy))
        }
        #expect(answers.entries.count == 1)
    }

    @Test("PL-2 changed: errors in a row are forgiven up to the limit, with a pause after each; pending starts the count anew")
    func forgiven() async throws {
        let policy = PollErrorPolicy.retryOnError(maxErrors: 2, pause: .seconds(1))
        let script: @Sendable (Int) throws -> PollOutcome<Step> = { count in
            if count == 3 { return .pending(retryIn: .seconds(1)) }
            throw Mishap(code: "error \(count)")
        }
        let error = await #expect(throws: CanoError.self) { try await run(Ask(answers: answers, script: script, onPollError: policy)) }
        #expect(error?.code == "error 6")
        #expect(clock.now == MonotonicInstant(nanoseconds: 5_000_000_000))
    }
}
