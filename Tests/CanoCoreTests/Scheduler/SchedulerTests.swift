import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import ServiceLifecycle
import Testing

// One test lives through a year: ten seconds on one busy processor, and longer under ThreadSanitizer.
@Suite(.timeLimit(.minutes(5))) struct SchedulerTests {
    enum Letter: String, WorkflowState { case a, b }

    let clock = ManualClock()
    let journal = Journal<String>()

    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, random: .always(0.5)) }

    func noting(_ text: String = "run") -> Workflow<Step> {
        let journal = journal
        return .single { context in
            journal.add(text)
            return .done
        }
    }

    /// Runs a scheduler until the body is over, then stops it.
    func running(_ scheduler: Scheduler, _ body: () async throws -> Void) async throws {
        let service = Task { try await scheduler.run() }
        try await body()
        try await scheduler.stop()
        try await service.value
    }

    @Test("says when it has started, and why it could not")
    func started() async throws {
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("tick", noting(), from: .first, Schedule(.manual))
        let service = Task { try await scheduler.run() }
        try await scheduler.started()
        #expect(try await flow.trigger().exitState() == .done)
        try await scheduler.stop()
        try await service.value
        try await scheduler.started()

        let broken = Scheduler(in: runtime)
        try broken.schedule("none", Workflow<Step>(), from: .first, Schedule(.manual))
        await #expect(throws: CanoError.self) { try await broken.run() }
        await #expect(throws: CanoError.self) { try await broken.started() }
    }

    @Test("a year of a daily job through both changes of the clocks")
    func aYear() async throws {
        let clock = ManualClock(unixMilliseconds: 1_704_063_600_000)
        let scheduler = Scheduler(in: WorkflowRuntime(clock: clock), wallClockCheck: .seconds(12 * 3600))
        let due = Journal<Int64>()
        let workflow = Workflow.single(given: Firing.self) { context in
            due.add(context.input.due ?? 0)
            return .done
        }
        let nightly = Timing.cron(try CronExpression("30 2 * * *"), in: try ScheduleTimeZone("Europe/Berlin"))
        let flow = try scheduler.schedule("nightly", workflow, from: .first, Schedule(nightly))
        try await running(scheduler) {
            try await scheduler.started()
            while due.entries.count < 366 {
                let days = due.entries.count
                let next = try #require(flow.info?.nextRun)
                let wait = min(Duration.milliseconds(next - clock.unixMilliseconds), .seconds(12 * 3600))
                await clock.waitForSleeper(until: clock.now.advanced(by: wait))
                clock.advance(by: wait)
                guard clock.unixMilliseconds == next else { continue }
                try await eventually { due.entries.count > days && !scheduler.hasRuns }
            }
        }
        let times = due.entries
        #expect(times.count == 366)
        #expect(zip(times.dropFirst(), times).map { ($0 - $1) / 60_000 }.filter { $0 != 1440 } == [1410, 1410, 1500])
    }

    @Test("flows with different types of states run in one scheduler, and a trigger answers the run")
    func differentStates() async throws {
        let scheduler = Scheduler(in: runtime)
        let steps = try scheduler.schedule(
            "steps", Workflow.single(given: Int.self) { $0.input == 7 ? .done : .first }, from: .first, Schedule(.manual)
        ) { _ in 0 }
        let letters = try scheduler.schedule(
            "letters", Workflow<Letter>().register(.a) { _ in .b }.addExitState(.b), from: .a, Schedule(.every(.seconds(1))))
        try await running(scheduler) {
            try await scheduler.started()
            let run = try steps.trigger(input: 7)
            #expect(run.id.description.hasPrefix("steps-"))
            #expect(try await run.exitState() == .done)
            try await eventually { letters.info?.nextRun != nil }
            #expect(try await letters.trigger().exitState() == .b)
        }
        #expect(scheduler.flows.map(\.name) == ["steps", "letters"])
    }

    @Test("registering a name twice, a time that makes no sense, or after the start is an error")
    func registering() async throws {
        let scheduler = Scheduler(in: runtime)
        try scheduler.schedule("a", noting(), from: .first, Schedule(.every(.seconds(1))))
        #expect(throws: CanoError.self) { try scheduler.schedule("a", noting(), from: .first, Schedule(.manual)) }
        for timing in [
            Timing.every(.zero), .fixedRate(.seconds(-1)), .every(.seconds(Int64.max)), .once(at: -1), .once(at: .max), .once(at: .min),
        ] {
            #expect(throws: CanoError.self, "\(timing)") { try scheduler.schedule("b", noting(), from: .first, Schedule(timing)) }
        }
        try await running(scheduler) {
            try await scheduler.started()
            #expect(throws: CanoError.self) { try scheduler.schedule("b", noting(), from: .first, Schedule(.manual)) }
        }
        await #expect(throws: CanoError.self) { try await scheduler.run() }
    }

    @Test("a service group shuts it down")
    func service() async throws {
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        let group = ServiceGroup(services: [scheduler], logger: runtime.logger)
        let running = Task { try await group.run() }
        try await eventually { flow.info?.nextRun != nil }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(!scheduler.hasRuns)
    }

    @Test("one that never ran can be stopped, and runs no more")
    func neverRun() async throws {
        let scheduler = Scheduler(in: runtime)
        try await scheduler.stop()
        await #expect(throws: CanoError.self) { try await scheduler.run() }
    }

    @Test("runs, rests and trips of flows are counted")
    func metrics() async throws {
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime(clock: clock) }
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule(
            "orders", Workflow.single(given: Bool.self) { $0.input ? .done : try { throw Hopeless() }() }, from: .first, Schedule(.manual),
            backoff: BackoffPolicy(tripAfter: 2)
        ) { _ in true }
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        try await running(scheduler) {
            try await scheduler.started()
            for input in [true, false, false] {
                _ = try? await flow.trigger(input: input).exitState()
                try await eventually { flow.info?.status.isRunning == false }
            }
        }
        func count(_ name: String, _ labels: (String, String)...) throws -> Int64 { try backend.expectCounter(name, labels).totalValue }
        #expect(try count("cano_scheduler_flow_runs_total", ("flow", "orders"), ("outcome", "completed")) == 1)
        #expect(try count("cano_scheduler_flow_runs_total", ("flow", "orders"), ("outcome", "failed")) == 2)
        #expect(try count("cano_workflow_runs_total", ("outcome", "failed")) == 2)
        #expect(try count("cano_scheduler_flow_backoff_total", ("flow", "orders")) == 1)
        #expect(try count("cano_scheduler_flow_tripped_total", ("flow", "orders")) == 1)
        #expect(try backend.expectRecorder("cano_scheduler_flow_duration_seconds", [("flow", "orders")]).values.count == 3)
        #expect(try backend.expectMeter("cano_scheduler_active_flows", []).values.isEmpty == false)
    }

    @Test("a run that nothing has stopped, and whose task fails with the cancellation of another run, is a failure of its flow")
    func anothersCancellation() async throws {
        let scheduler = Scheduler(in: runtime)
        let workflow = Workflow<Step>.single { _ in throw CanoError(.cancelled, "another run was cancelled") }
        let flow = try scheduler.schedule("orders", workflow, from: .first, Schedule(.manual))
        try await running(scheduler) {
            try await scheduler.started()
            let run = try flow.trigger()
            #expect(await caught { try await run.exitState() }?.category == .cancelled)
            #expect(flow.info?.failureStreak == 1)
        }
    }
}

extension FlowStatus {
    var isRunning: Bool { if case .running = self { true } else { false } }
}
