import CanoCore
import CanoTesting
import Metrics
import MetricsTestKit
import ServiceLifecycle
import Testing

@Suite struct SchedulerTests {
    enum Letter: String, WorkflowState { case a, b }

    let clock = ManualClock()
    let journal = Journal<String>()

    private var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, random: .always(0.5)) }

    private func noting(_ text: String = "run") -> Workflow<Step> {
        let journal = journal
        return .single { context in
            journal.add(text)
            return .done
        }
    }

    /// Runs a scheduler until the body is over, then stops it.
    private func running(_ scheduler: Scheduler, _ body: () async throws -> Void) async throws {
        let service = Task { try await scheduler.run() }
        try await body()
        try await scheduler.stop()
        try await service.value
    }

    /// Waits until a flow has run or is going to: the scheduler has started by then.
    private func started(_ scheduler: Scheduler) async {
        await until { scheduler.flows.contains { $0.nextRun != nil || $0.runCount > 0 } }
    }

    private func until(_ holds: () -> Bool) async { while !holds() { await Task.yield() } }

    @Test("SC-3: an interval runs at once, and again that long after the end of each run")
    func interval() async throws {
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(10))))
        try await running(scheduler) {
            for runs in 1...5 {
                await until { flow.info?.runCount == runs && flow.info?.nextRun != nil }
                #expect(flow.info?.nextRun == clock.unixMilliseconds + 10_000)
                clock.advance(by: .seconds(10))
            }
        }
        #expect(journal.entries.count >= 5)
    }

    @Test("a year of a daily job through both changes of the clocks")
    func aYear() async throws {
        let clock = ManualClock(unixMilliseconds: 1_704_063_600_000)
        let scheduler = Scheduler(in: WorkflowRuntime(clock: clock), wallClockCheck: .seconds(12 * 3600))
        let due = Journal<Int64>()
        let workflow = Workflow<Step>.single { context in
            due.add(try context.input(Firing.self).due ?? 0)
            return .done
        }
        let nightly = Timing.cron(try CronExpression("30 2 * * *"), in: try ScheduleTimeZone("Europe/Berlin"))
        let flow = try scheduler.schedule("nightly", workflow, from: .first, Schedule(nightly))
        try await running(scheduler) {
            await started(scheduler)
            while due.entries.count < 366 {
                let days = due.entries.count
                let next = try #require(flow.info?.nextRun)
                let wait = min(Duration.milliseconds(next - clock.unixMilliseconds), .seconds(12 * 3600))
                await clock.waitForSleeper(until: clock.now.advanced(by: wait))
                clock.advance(by: wait)
                guard clock.unixMilliseconds == next else { continue }
                await until { due.entries.count > days && !scheduler.hasRuns }
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
            "steps", Workflow<Step>.single { try $0.input(Int.self) == 7 ? .done : .first }, from: .first, Schedule(.manual))
        let letters = try scheduler.schedule(
            "letters", Workflow<Letter>().register(.a) { _ in .b }.addExitState(.b), from: .a, Schedule(.every(.seconds(1))))
        try await running(scheduler) {
            await started(scheduler)
            let run = try steps.trigger(input: 7)
            #expect(run.id.description.hasPrefix("steps-"))
            #expect(try await run.end() == .done)
            await until { letters.info?.nextRun != nil }
            #expect(try await letters.trigger().end() == .b)
        }
        #expect(scheduler.flows.map(\.name) == ["steps", "letters"])
    }

    @Test("SC-8 changed: each run has an id of its own, so a failed run's log stands in nobody's way")
    func freshIDs() async throws {
        let store = InMemoryCheckpointStore()
        let scheduler = Scheduler(in: WorkflowRuntime(clock: clock, checkpoints: store))
        let counter = Counter()
        let flow = try scheduler.schedule(
            "orders",
            Workflow<Step>.single { _ in
                if counter.increment() == 1 { throw Hopeless() }
                return .done
            }, from: .first, Schedule(.manual))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        try await running(scheduler) {
            await started(scheduler)
            let failed = try flow.trigger()
            await #expect(throws: CanoError.self) { try await failed.end() }
            await until { flow.info?.status.isRunning == false }
            let next = try flow.trigger()
            #expect(try await next.end() == .done)
            #expect(failed.id != next.id)
        }
    }

    @Test("SC-5, SC-9: triggers are refused while a run goes on, when tripped, of unknown flows, and when nothing runs")
    func refusals() async throws {
        let scheduler = Scheduler(in: runtime)
        let gate = Gate()
        let slow = try scheduler.schedule(
            "slow",
            Workflow<Step>.single { _ in
                await gate.pass()
                throw Hopeless()
            }, from: .first, Schedule(.manual), backoff: BackoffPolicy(tripAfter: 1))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        func code(_ body: () throws -> Void) -> String? {
            do {
                try body()
                return nil
            } catch { return (error as? CanoError)?.code }
        }
        #expect(code { _ = try slow.trigger() } == "not_running")
        try await running(scheduler) {
            await started(scheduler)
            let run = try slow.trigger()
            #expect(code { try scheduler.trigger("slow") } == "already_running")
            #expect(scheduler.hasRuns)
            gate.open()
            await #expect(throws: CanoError.self) { try await run.end() }
            await until { slow.info?.status.isRunning == false }
            #expect(code { try scheduler.trigger("slow") } == "tripped")
            try scheduler.reset("slow")
            #expect(code { try scheduler.trigger("slow") } == nil)
            for command in [{ try scheduler.trigger("no") }, { try scheduler.reset("no") }, { try scheduler.cancel("no") }]
                as [() throws -> Any]
            {
                #expect(code { _ = try command() } == "unknown_flow")
            }
            #expect(scheduler.info(of: "no") == nil)
        }
        #expect(code { _ = try slow.trigger() } == "not_running")
    }

    @Test("SC-6, SC-9: cancelling a flow cancels its run alone, and the next run is not cancelled")
    func cancelling() async throws {
        let scheduler = Scheduler(in: runtime)
        let counter = Counter()
        let flow = try scheduler.schedule(
            "slow",
            Workflow<Step>.single { _ in
                if counter.increment() == 1 { try await untilCancelled() }
                return .done
            }, from: .first, Schedule(.manual))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        try await running(scheduler) {
            await started(scheduler)
            let run = try flow.trigger()
            await until { counter.value == 1 }
            try scheduler.cancel("slow", reason: "enough")
            let error = await #expect(throws: CanoError.self) { try await run.end() }
            #expect(error?.category == .cancelled)
            await until { flow.info?.status.isRunning == false }
            guard case .idle = flow.info?.status else { return #expect(Bool(false), "\(String(describing: flow.info))") }
            #expect(try await flow.trigger().end() == .done)
        }
    }

    @Test("SC-6: a run has its own total time")
    func timeouts() async throws {
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule(
            "slow",
            Workflow<Step>.single { context in
                try await context.sleep(for: .seconds(3600))
                return .done
            }, from: .first, Schedule(.manual), timeout: .seconds(5))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(7200))))
        try await running(scheduler) {
            await started(scheduler)
            let run = try flow.trigger()
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 5_000_000_000))
            clock.advance(by: .seconds(5))
            let error = await #expect(throws: CanoError.self) { try await run.end() }
            #expect(error?.category == .workflowTimeout)
        }
    }

    @Test("SC-2: workflows are checked, resources set up in order and torn down in reverse, once")
    func resources() async throws {
        let (first, second) = (TestResource(), TestResource())
        func workflow(_ resource: TestResource) -> Workflow<Step> {
            Workflow<Step>(resources: Resources().inserting(resource, for: "it")).register(.first) { _ in .done }.addExitState(.done)
        }
        let scheduler = Scheduler(in: runtime)
        let flows = [
            try scheduler.schedule("first", workflow(first), from: .first, Schedule(.every(.seconds(1)))),
            try scheduler.schedule("second", workflow(second), from: .first, Schedule(.every(.seconds(1)))),
        ]
        try await running(scheduler) {
            for runs in 1...3 {
                await until { flows.allSatisfy { $0.info?.runCount == runs && $0.info?.nextRun != nil } }
                clock.advance(by: .seconds(1))
            }
        }
        for resource in [first, second] { #expect(resource.setUps == 1 && resource.tearDowns == 1) }
    }

    @Test("SC-2: a workflow that cannot run, or a resource that cannot be set up, ends the scheduler before anything ran")
    func setUpFails() async throws {
        final class Broken: Resource {
            func setUp() async throws { throw Mishap() }
        }
        let good = TestResource()
        func workflow(_ resource: some Resource) -> Workflow<Step> {
            Workflow<Step>(resources: Resources().inserting(resource, for: "it")).register(.first) { _ in .done }.addExitState(.done)
        }
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("good", workflow(good), from: .first, Schedule(.every(.seconds(1))))
        try scheduler.schedule("broken", workflow(Broken()), from: .first, Schedule(.manual))
        let error = await #expect(throws: CanoError.self) { try await scheduler.run() }
        #expect(error?.code == "mishap" && good.setUps == 1 && !good.isUp && flow.info?.runCount == 0)
        let again = await #expect(throws: CanoError.self) { try await scheduler.stop() }
        #expect(again?.code == "mishap")

        let invalid = Scheduler(in: runtime)
        try invalid.schedule("empty", Workflow<Step>(), from: .first, Schedule(.manual))
        #expect(await #expect(throws: CanoError.self) { try await invalid.run() }?.category == .configuration)
        let elsewhere = Scheduler(in: runtime)
        try elsewhere.schedule("lost", noting(), from: .third, Schedule(.manual))
        #expect(await #expect(throws: CanoError.self) { try await elsewhere.run() }?.category == .configuration)
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
            await started(scheduler)
            #expect(throws: CanoError.self) { try scheduler.schedule("b", noting(), from: .first, Schedule(.manual)) }
        }
        await #expect(throws: CanoError.self) { try await scheduler.run() }
    }

    @Test("SC-10 changed: a stop cancels runs, waits for those that can end, and gives up on the rest in time")
    func boundedStop() async throws {
        let scheduler = Scheduler(in: runtime, stopTimeout: .seconds(30))
        let (gate, inside) = (Gate(), Counter())
        defer { gate.open() }
        let resource = TestResource()
        let deaf = Workflow<Step>(resources: Resources().inserting(resource, for: "it"))
            .register(.first, config: .minimal) { _ in
                inside.increment()
                await gate.pass()
                return .done
            }
            .addExitState(.done)
        let polite = Workflow<Step>.single { _ in
            inside.increment()
            try await untilCancelled()
            return .done
        }
        try scheduler.schedule("deaf", deaf, from: .first, Schedule(.every(.seconds(1))))
        let politely = try scheduler.schedule("polite", polite, from: .first, Schedule(.every(.seconds(1))))
        let service = Task { try await scheduler.run() }
        await until { inside.value == 2 }
        let stop = Task { try await scheduler.stop() }
        await until { politely.info?.status.isRunning == false }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 30_000_000_000))
        #expect(resource.isUp)
        clock.advance(by: .seconds(30))
        let errors = [
            await error { try await stop.value }, await error { try await service.value }, await error { try await scheduler.stop() },
        ]
        for error in errors {
            #expect(error?.code == "stop_timeout" && error?.message.contains("runs of deaf were") == true)
        }
        #expect(!resource.isUp)
    }

    private func error(_ body: () async throws -> Void) async -> CanoError? {
        do {
            try await body()
            return nil
        } catch { return error as? CanoError }
    }

    @Test("SC-10: resources that take too long to be torn down don't hold up a stop")
    func slowTearDown() async throws {
        final class Slow: Resource {
            let gate = Gate()
            let isBeingTornDown = Counter()
            func tearDown() async throws {
                isBeingTornDown.increment()
                await gate.pass()
            }
        }
        let slow = Slow()
        defer { slow.gate.open() }
        let scheduler = Scheduler(in: runtime, stopTimeout: .seconds(30))
        let workflow = Workflow<Step>(resources: Resources().inserting(slow, for: "it")).register(.first) { _ in .done }.addExitState(.done)
        let flow = try scheduler.schedule("flow", workflow, from: .first, Schedule(.every(.seconds(7200))))
        let service = Task { try await scheduler.run() }
        await until { flow.info?.nextRun != nil }
        async let stop: Void = scheduler.stop()
        await until { slow.isBeingTornDown.value == 1 }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 30_000_000_000))
        clock.advance(by: .seconds(30))
        try await stop
        try await service.value
    }

    @Test("SC-10 changed: nothing begins once a stop was asked for, however late it is noticed")
    func nothingBegins() async throws {
        for _ in 0..<50 {
            let scheduler = Scheduler(in: runtime)
            let flow = try scheduler.schedule("tick", noting(), from: .first, Schedule(.fixedRate(.milliseconds(1)), overlap: .allow))
            let service = Task { try await scheduler.run() }
            await started(scheduler)
            clock.advance(by: .milliseconds(5))
            service.cancel()
            let runs = flow.info?.runCount
            clock.advance(by: .seconds(5))
            #expect(throws: CanoError.self) { try flow.trigger() }
            try await service.value
            #expect(flow.info?.runCount == runs && !scheduler.hasRuns)
        }
    }

    @Test("SC-10: a stop while resources are set up lets nothing begin, and tears them down")
    func stoppedWhileStarting() async throws {
        final class Slow: Resource {
            let (gate, isBeingSetUp, tearDowns) = (Gate(), Counter(), Counter())
            func setUp() async throws {
                isBeingSetUp.increment()
                await gate.pass()
            }
            func tearDown() async throws { tearDowns.increment() }
        }
        let slow = Slow()
        let scheduler = Scheduler(in: runtime)
        let workflow = Workflow<Step>(resources: Resources().inserting(slow, for: "it")).register(.first) { _ in .done }.addExitState(.done)
        let flow = try scheduler.schedule("tick", workflow, from: .first, Schedule(.every(.seconds(1))))
        let service = Task { try await scheduler.run() }
        await until { slow.isBeingSetUp.value == 1 }
        service.cancel()
        slow.gate.open()
        try await service.value
        #expect(flow.info?.runCount == 0 && slow.tearDowns.value == 1)
    }

    @Test("SC-12 changed: cancelling the task that runs it stops it and tears down")
    func cancelled() async throws {
        let resource = TestResource()
        let workflow = Workflow<Step>(resources: Resources().inserting(resource, for: "it")).register(.first) { _ in .done }.addExitState(
            .done)
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("tick", workflow, from: .first, Schedule(.every(.seconds(1))))
        let service = Task { try await scheduler.run() }
        await until { flow.info?.nextRun != nil }
        service.cancel()
        try await service.value
        #expect(!resource.isUp && resource.tearDowns == 1)
    }

    @Test("a service group shuts it down")
    func service() async throws {
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        let group = ServiceGroup(services: [scheduler], logger: runtime.logger)
        let running = Task { try await group.run() }
        await until { flow.info?.nextRun != nil }
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

    @Test("SC-11 changed: the scheduler sleeps until something is due, and looks at the wall clock now and then")
    func sleeps() async throws {
        let scheduler = Scheduler(in: runtime)
        let hourly = Timing.cron(try CronExpression("@hourly"))
        let flow = try scheduler.schedule("hourly", noting(), from: .first, Schedule(hourly))
        try await running(scheduler) {
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 60_000_000_000))
            #expect(clock.sleeperCount == 1 && flow.info?.runCount == 0)
        }
        let quiet = ManualClock()
        let measured = Scheduler(in: WorkflowRuntime(clock: quiet))
        try measured.schedule("rare", noting(), from: .first, Schedule(.every(.seconds(86_400))))
        try await running(measured) {
            await quiet.waitForSleepers()
            #expect(quiet.nextDeadline == MonotonicInstant(nanoseconds: 86_400_000_000_000))
        }
    }

    @Test("SC-13 changed: a new scheduler that is told what the old one has done catches up")
    func restart() async throws {
        let due = Journal<Firing>()
        let workflow = Workflow<Step>.single { context in
            due.add(try context.input(Firing.self))
            return .done
        }
        let now = clock.unixMilliseconds
        let hour: Int64 = 3_600_000
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule(
            "hourly", workflow, from: .first,
            Schedule(.cron(try CronExpression("@hourly")), catchUp: .all(limit: 2), lastDue: now - 10 * hour))
        try await running(scheduler) { await until { flow.info?.runCount == 2 && flow.info?.status.isRunning == false } }
        let latest = now / hour * hour
        #expect(due.entries == [latest - hour, latest].map { Firing(flow: "hourly", due: $0, isCatchUp: true) })
    }

    @Test("runs, rests and trips of flows are counted")
    func metrics() async throws {
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime(clock: clock) }
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule(
            "orders", Workflow<Step>.single { try $0.input(Bool.self) ? .done : { throw Hopeless() }() }, from: .first, Schedule(.manual),
            backoff: BackoffPolicy(tripAfter: 2))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        try await running(scheduler) {
            await started(scheduler)
            for input in [true, false, false] {
                _ = try? await flow.trigger(input: input).end()
                await until { flow.info?.status.isRunning == false }
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
}

extension FlowStatus {
    fileprivate var isRunning: Bool { if case .running = self { true } else { false } }
}
