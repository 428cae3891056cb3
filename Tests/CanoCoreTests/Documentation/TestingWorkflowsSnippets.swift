import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct TestingWorkflowsSnippets {
    enum OrderStep: String, WorkflowState { case reserve, charge, shipped }

    // snippet.test
    @Test("an order is charged again when the gateway is busy, and shipped")
    func shipsAfterTrouble() async throws {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let charge = FlakyTask(failing: 2, then: OrderStep.shipped, config: TaskConfig(retry: .exponential(3)))
        let orders = Workflow<OrderStep>()
            .register(.reserve, SlowTask(taking: .seconds(3600), then: .charge))
            .register(.charge, charge)
            .addExitState(.shipped)

        let end = try await clock.skippingWaits {
            try await orders.orchestrate(from: .reserve, in: WorkflowRuntime(clock: clock, observers: [observer]))
        }

        #expect(end == .shipped)
        #expect(charge.attempts == 3)
        try observer.expectPath(["reserve", "charge", "shipped"])
    }
    // snippet.end

    @Test("a timeout is reached by hand")
    func timeout() async throws {
        // snippet.hand
        let clock = ManualClock()
        let orders = Workflow<OrderStep>()
            .register(
                .charge, SlowTask(taking: .seconds(3600), then: .shipped, config: TaskConfig(retry: .none, attemptTimeout: .seconds(10)))
            )
            .addExitState(.shipped)
        let run = Task { try await orders.orchestrate(from: .charge, in: WorkflowRuntime(clock: clock)) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        let error = await #expect(throws: CanoError.self) { try await run.value }
        #expect(error?.category == .timeout)
        // snippet.end
    }

    // snippet.conformance
    @Test("our store keeps logs as every store does", arguments: CheckpointStoreConformance.all)
    func conforms(_ check: CheckpointStoreConformance) async throws { try await check(InMemoryCheckpointStore()) }
    // snippet.end

    @Test("a lifecycle is counted")
    func resources() async throws {
        // snippet.resource
        let client = TestResource()
        let orders = Workflow<OrderStep>(resources: Resources().inserting(client, for: "client"))
            .register(.charge) { _ in .shipped }
            .addExitState(.shipped)
        _ = try await orders.orchestrate(from: .charge)
        #expect(client.setUps == 1 && !client.isUp)
        // snippet.end
    }
}
