import CanoCore
import CanoTesting
import ServiceLifecycle
import Testing
import UnixSignals

@Suite(.timeLimit(.minutes(5))) struct SchedulingRunsSnippets {
    enum InvoiceStep: String, WorkflowState, CaseIterable { case collect, sent }
    enum OrderStep: String, WorkflowState, CaseIterable {
        typealias Input = String
        case reserve, shipped
    }

    let runtime = WorkflowRuntime(clock: ManualClock())
    let invoicing = Workflow<InvoiceStep>("invoices", startingAt: .collect) { $0 == .sent ? .exit : .task { _ in .sent } }
    let ordering = Workflow<OrderStep>("orders", startingAt: .reserve) { $0 == .shipped ? .exit : .task { _ in .shipped } }

    @Test("two flows in a service group, and a trigger")
    func flows() async throws {
        // snippet.flows
        let scheduler = Scheduler(in: runtime)
        let nightly = Timing.cron(try CronExpression("30 2 * * *"), in: try ScheduleTimeZone("Europe/Berlin"))
        try scheduler.schedule(invoicing, Schedule(nightly, jitter: .seconds(300)))
        let orders = try scheduler.schedule(ordering, Schedule(.every(.seconds(60)))) { firing in "order-\(firing.due ?? 0)" }
        // snippet.end
        // snippet.service
        let service = ServiceGroup(services: [scheduler], gracefulShutdownSignals: [.sigterm], logger: runtime.logger)
        let running = Task { try await service.run() }
        // snippet.end
        // snippet.started
        try await scheduler.started()
        // snippet.end
        try await eventually("the run that is due at once has ended") { orders.info?.nextRun != nil }
        // snippet.trigger
        let run = try orders.trigger(input: "order-42")
        let end = try await run.exitState()
        // snippet.end
        #expect(end == .shipped)
        await service.triggerGracefulShutdown()
        try await running.value
    }

    @Test("a time that doesn't exist is due at the change")
    func changedClocks() throws {
        // snippet.clocks
        let berlin = try ScheduleTimeZone("Europe/Berlin")
        let halfPastTwo = try CronExpression("30 2 * * *")
        // 2024-03-31 has no 2:30 in Berlin: at 2:00 the clocks show 3:00, which is 01:00 UTC.
        #expect(halfPastTwo.next(after: 1_711_800_000_000, in: berlin) == 1_711_846_800_000)
        // snippet.end
    }

    @Test("a schedule that catches up")
    func catchUp() throws {
        // snippet.absence
        var schedule = Schedule(.cron(try CronExpression("@hourly")), catchUp: .all(limit: 24))
        schedule.lastDue = 1_711_800_000_000
        // snippet.end
        #expect(schedule.lateness == .seconds(60))
    }
}
