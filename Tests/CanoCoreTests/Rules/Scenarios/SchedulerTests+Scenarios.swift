import CanoCore
import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import RuleFixture
import ServiceLifecycle

extension SchedulerTests {
    func interval() async throws -> Facts {
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(10))))
        var waits: [Int64?] = []
        try await running(scheduler) {
            for runs in 1...5 {
                try await eventually("run \(runs) is over") { flow.info?.runCount == runs && flow.info?.nextRun != nil }
                waits.append(flow.info?.nextRun.map { $0 - clock.unixMilliseconds })
                clock.advance(by: .seconds(10))
            }
        }
        return ["waits": waits, "ran five times at least": journal.entries.count >= 5]
    }

    func freshIDs() async throws -> Facts {
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
        var facts: Facts = [:]
        try await running(scheduler) {
            try await scheduler.started()
            let failed = try flow.trigger()
            facts["first run fails with"] = await caught { try await failed.exitState() }?.category
            try await eventually("the run is over") { flow.info?.status.isRunning == false }
            let next = try flow.trigger()
            facts["end of the next"] = try await next.exitState()
            facts["same id"] = failed.id == next.id
        }
        return facts
    }

    func refusals() async throws -> Facts {
        let scheduler = Scheduler(in: runtime)
        let gate = Gate()
        let slow = try scheduler.schedule(
            "slow",
            Workflow<Step>.single { _ in
                await gate.pass()
                throw Hopeless()
            }, from: .first, Schedule(.manual), backoff: BackoffPolicy(tripAfter: 1))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        func code(_ body: () throws -> some Any) -> String? {
            do {
                _ = try body()
                return nil
            } catch { return (error as? CanoError)?.code }
        }
        var facts: Facts = ["before the start": code { try slow.trigger() }]
        try await running(scheduler) {
            try await scheduler.started()
            let run = try slow.trigger()
            facts["while it runs"] = code { try scheduler.trigger("slow") }
            facts["has runs"] = scheduler.hasRuns
            gate.open()
            facts["its run fails with"] = await caught { try await run.exitState() }?.category
            try await eventually("the run is over") { slow.info?.status.isRunning == false }
            facts["when tripped"] = code { try scheduler.trigger("slow") }
            try scheduler.reset("slow")
            facts["after a reset"] = code { try scheduler.trigger("slow") }
            facts["trigger of none"] = code { try scheduler.trigger("no") }
            facts["reset of none"] = code { try scheduler.reset("no") }
            facts["cancel of none"] = code { try scheduler.cancel("no") }
            facts["info of none"] = scheduler.info(of: "no").map { "\($0)" }
        }
        facts["after the stop"] = code { try slow.trigger() }
        return facts
    }

    func cancelling() async throws -> Facts {
        let scheduler = Scheduler(in: runtime)
        let counter = Counter()
        let flow = try scheduler.schedule(
            "slow",
            Workflow<Step>.single { _ in
                if counter.increment() == 1 { try await untilCancelled() }
                return .done
            }, from: .first, Schedule(.manual))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(1))))
        var facts: Facts = [:]
        try await running(scheduler) {
            try await scheduler.started()
            let run = try flow.trigger()
            try await eventually("the run is under way") { counter.value == 1 }
            try scheduler.cancel("slow", reason: "enough")
            facts["category"] = await caught { try await run.exitState() }?.category
            try await eventually("the run is over") { flow.info?.status.isRunning == false }
            facts["status"] = flow.info?.status
            facts["end of the next"] = try await flow.trigger().exitState()
        }
        return facts
    }

    func timeouts() async throws -> Facts {
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule(
            "slow",
            Workflow<Step>.single { context in
                try await context.sleep(for: .seconds(3600))
                return .done
            }, from: .first, Schedule(.manual), timeout: .seconds(5))
        try scheduler.schedule("tick", noting(), from: .first, Schedule(.every(.seconds(7200))))
        var facts: Facts = [:]
        try await running(scheduler) {
            try await scheduler.started()
            let run = try flow.trigger()
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 5_000_000_000))
            clock.advance(by: .seconds(5))
            facts["category"] = await caught { try await run.exitState() }?.category
        }
        return facts
    }

    func resources() async throws -> Facts {
        let journal = journal
        func workflow(_ name: String) -> Workflow<Step> {
            Workflow<Step>(resources: Resources().inserting(ResourcesTests.Tracked(name, journal), for: "it"))
                .register(.first) { _ in .done }.addExitState(.done)
        }
        let scheduler = Scheduler(in: runtime)
        let flows = [
            try scheduler.schedule("first", workflow("first"), from: .first, Schedule(.every(.seconds(1)))),
            try scheduler.schedule("second", workflow("second"), from: .first, Schedule(.every(.seconds(1)))),
        ]
        try await running(scheduler) {
            for runs in 1...3 {
                try await eventually("round \(runs) is over") {
                    flows.allSatisfy { $0.info?.runCount == runs && $0.info?.nextRun != nil }
                }
                clock.advance(by: .seconds(1))
            }
        }
        return ["journal": journal.entries]
    }

    func setUpFails() async throws -> Facts {
        final class Broken: Resource {
            func setUp() async throws { throw Mishap() }
        }
        let good = TestResource()
        let workflow = Workflow<Step>(resources: Resources().inserting(good, for: "it")).register(.first) { _ in .done }
            .addExitState(.done)
        let broken = Workflow<Step>(resources: Resources().inserting(Broken(), for: "it")).register(.first) { _ in .done }
            .addExitState(.done)
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("good", workflow, from: .first, Schedule(.every(.seconds(1))))
        try scheduler.schedule("broken", broken, from: .first, Schedule(.manual))
        let error = await caught { try await scheduler.run() }
        var facts: Facts = ["code": error?.code, "set-ups": good.setUps, "is up": good.isUp, "runs": flow.info?.runCount]
        facts["code of a stop"] = await caught { try await scheduler.stop() }?.code

        let invalid = Scheduler(in: runtime)
        try invalid.schedule("empty", Workflow<Step>(), from: .first, Schedule(.manual))
        facts["category of an empty workflow"] = await caught { try await invalid.run() }?.category
        let elsewhere = Scheduler(in: runtime)
        try elsewhere.schedule("lost", noting(), from: .third, Schedule(.manual))
        facts["category of a bad start"] = await caught { try await elsewhere.run() }?.category
        return facts
    }

    func boundedStop() async throws -> Facts {
        var patient = runtime
        patient.abandonAfter = .seconds(60)
        let scheduler = Scheduler(in: patient, stopTimeout: .seconds(30))
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
        try await eventually("both run") { inside.value == 2 }
        let stop = Task { try await scheduler.stop() }
        try await eventually("the polite one has ended") { politely.info?.status.isRunning == false }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 30_000_000_000))
        var facts: Facts = ["is up while it waits": resource.isUp]
        clock.advance(by: .seconds(30))
        let errors = [
            await caught { try await stop.value }, await caught { try await service.value }, await caught { try await scheduler.stop() },
        ]
        facts["codes"] = errors.map { $0?.code }
        facts["name the deaf flow"] = errors.map { $0?.message.contains("runs of deaf were") }
        facts["is up afterwards"] = resource.isUp
        return facts
    }

    func slowTearDown() async throws -> Facts {
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
        // A run under way would be given time to end first.
        try await eventually("its first run is over") { flow.info?.runCount == 1 && flow.info?.nextRun != nil }
        async let stop: Void = scheduler.stop()
        try await eventually("tearing down has begun") { slow.isBeingTornDown.value == 1 }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 30_000_000_000))
        clock.advance(by: .seconds(30))
        try await stop
        try await service.value
        return ["stopped though it is being torn down": !slow.gate.isOpen, "tear-downs": slow.isBeingTornDown.value]
    }

    func nothingBegins() async throws -> Facts {
        var facts: Facts = ["schedulers with a run after the stop": 0, "triggers accepted": 0]
        var (late, accepted) = (0, 0)
        for _ in 0..<50 {
            let scheduler = Scheduler(in: runtime)
            let flow = try scheduler.schedule("tick", noting(), from: .first, Schedule(.fixedRate(.milliseconds(1)), overlap: .allow))
            let service = Task { try await scheduler.run() }
            try await scheduler.started()
            clock.advance(by: .milliseconds(5))
            service.cancel()
            let runs = flow.info?.runCount
            clock.advance(by: .seconds(5))
            if caught({ try flow.trigger() }) == nil { accepted += 1 }
            try await service.value
            if flow.info?.runCount != runs || scheduler.hasRuns { late += 1 }
        }
        facts["schedulers with a run after the stop"] = late
        facts["triggers accepted"] = accepted
        return facts
    }

    func stoppedWhileStarting() async throws -> Facts {
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
        try await eventually { slow.isBeingSetUp.value == 1 }
        service.cancel()
        slow.gate.open()
        try await service.value
        return ["runs": flow.info?.runCount, "tear-downs": slow.tearDowns.value]
    }

    func cancelled() async throws -> Facts {
        let resource = TestResource()
        let workflow = Workflow<Step>(resources: Resources().inserting(resource, for: "it")).register(.first) { _ in .done }.addExitState(
            .done)
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule("tick", workflow, from: .first, Schedule(.every(.seconds(1))))
        let service = Task { try await scheduler.run() }
        try await eventually { flow.info?.nextRun != nil }
        service.cancel()
        try await service.value
        return ["is up": resource.isUp, "tear-downs": resource.tearDowns]
    }

    func sleeps() async throws -> Facts {
        let scheduler = Scheduler(in: runtime)
        let hourly = Timing.cron(try CronExpression("@hourly"))
        let flow = try scheduler.schedule("hourly", noting(), from: .first, Schedule(hourly))
        var facts: Facts = [:]
        try await running(scheduler) {
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 60_000_000_000))
            facts["sleepers of a wall clock's flow"] = clock.sleeperCount
            facts["its runs"] = flow.info?.runCount
        }
        let quiet = ManualClock()
        let measured = Scheduler(in: WorkflowRuntime(clock: quiet))
        try measured.schedule("rare", noting(), from: .first, Schedule(.every(.seconds(86_400))))
        try await running(measured) {
            await quiet.waitForSleepers()
            facts["next wake-up of a rare flow"] = quiet.nextDeadline
        }
        return facts
    }

    func restart() async throws -> Facts {
        let due = Journal<Firing>()
        let workflow = Workflow.single(given: Firing.self) { context in
            due.add(context.input)
            return .done
        }
        let now = clock.unixMilliseconds
        let hour: Int64 = 3_600_000
        let scheduler = Scheduler(in: runtime)
        let flow = try scheduler.schedule(
            "hourly", workflow, from: .first,
            Schedule(.cron(try CronExpression("@hourly")), catchUp: .all(limit: 2), lastDue: now - 10 * hour))
        try await running(scheduler) { try await eventually { flow.info?.runCount == 2 && flow.info?.status.isRunning == false } }
        let latest = now / hour * hour
        return [
            "ran for the last two hours": due.entries == [latest - hour, latest].map { Firing(flow: "hourly", due: $0, isCatchUp: true) }
        ]
    }
}
