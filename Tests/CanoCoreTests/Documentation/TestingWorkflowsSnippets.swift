import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct TestingWorkflowsSnippets {
    enum OrderStep: String, WorkflowState, CaseIterable { case reserve, charge, shipped }

    // snippet.test
    @Test("an order is charged again when the gateway is busy, and shipped")
    func shipsAfterTrouble() async throws {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let charge = FlakyTask(failing: 2, then: OrderStep.shipped, config: TaskConfig(retry: .exponential(3)))
        let orders = Workflow<OrderStep>("orders", startingAt: .reserve) { state in
            switch state {
            case .reserve: .task(SlowTask(taking: .seconds(3600), then: .charge))
            case .charge: .task(charge)
            case .shipped: .exit
            }
        }

        try await clock.skippingWaits {
            try await orders.run(in: WorkflowRuntime(clock: clock, observers: [observer]))
        }

        #expect(charge.attempts == 3)
        try observer.expectPath(["reserve", "charge", "shipped"])
    }
    // snippet.end

    @Test("a timeout is reached by hand")
    func timeout() async throws {
        // snippet.hand
        let clock = ManualClock()
        let tooSlow = SlowTask(
            taking: .seconds(3600), then: OrderStep.shipped, config: TaskConfig(retry: .none, attemptTimeout: .seconds(10)))
        let orders = Workflow<OrderStep>("orders", startingAt: .charge) { state in
            switch state {
            case .reserve, .charge: .task(tooSlow)
            case .shipped: .exit
            }
        }
        let run = orders.start(in: WorkflowRuntime(clock: clock))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        let error = await #expect(throws: CanoError.self) { try await run.output() }
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
        let orders = Workflow<OrderStep>(
            "orders", startingAt: .charge, resources: Resources().inserting(client, for: "client")
        ) { state in
            switch state {
            case .reserve, .charge: .task { _ in .shipped }
            case .shipped: .exit
            }
        }
        try await orders.run()
        #expect(client.setUps == 1 && !client.isUp)
        // snippet.end
    }
}
