import CanoTesting
import Testing

@testable import CanoCore

@Suite struct AttemptTimeoutTests {
    let clock = ManualClock()
    let observer = RecordingObserver()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, observers: [observer]) }

    @Test("R-2: an attempt past its timeout is cancelled and has failed; each attempt has its own deadline")
    func timesOut() async throws {
        let workflow = Workflow<Step>.single(
            config: TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
        ) { _ in
            try await untilCancelled()
            return .done
        }
        let runtime = runtime
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        }
        #expect(error?.category == .retryExhausted)
        #expect(error?.causes.first?.category == .timeout)
        #expect(observer.summary.contains("taskRetried first task 1"))
    }

    @Test("an attempt that ends in time is not disturbed, and its deadline is forgotten")
    func inTime() async throws {
        let workflow = Workflow<Step>.single(config: TaskConfig(attemptTimeout: .seconds(10))) { _ in .done }
        for _ in 0..<500 { #expect(try await workflow.orchestrate(from: .first, in: runtime) == .done) }
    }

    @Test("an attempt that ignores its cancellation is abandoned after the grace period and can no longer reach the run")
    func abandoned() async throws {
        let gate = Gate()
        let seen = Journal<CanoError.Category>()
        let late = Gate()
        let store = MemoryStore()
        let workflow = Workflow<Step>.single(
            config: TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10), abandonAfter: .seconds(2))
        ) { context in
            guard context.attempt == 1 else { return .done }
            try await context.store.put(1, for: "early")
            await gate.pass()
            do { try await context.store.put(1, for: "late") } catch { seen.add(CanoError(error).category) }
            do { _ = try context.input(Void.self) } catch { seen.add(CanoError(error).category) }
            late.open()
            return .third
        }
        let outcome = Task { try await workflow.drive(Run<Step>(id: "r", start: .fresh(.first), store: store), in: runtime) }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers()
        clock.advance(by: .seconds(2))
        guard case .completed(.done) = try await outcome.value else { return #expect(Bool(false)) }
        #expect(observer.summary.contains("attemptAbandoned first task"))
        gate.open()
        await late.pass()
        #expect(seen.entries == [.attemptEnded, .attemptEnded])
        #expect(store.isEmpty)
    }

    @Test("a deadline that comes before an earlier one was due wakes the queue early, and a removed one never fires")
    func deadlineOrder() async throws {
        let slow = Workflow<Step>.single(config: TaskConfig(retry: .none, attemptTimeout: .seconds(100))) { _ in
            try await untilCancelled()
            return .done
        }
        let quick = Workflow<Step>.single(config: TaskConfig(retry: .none, attemptTimeout: .seconds(1))) { _ in
            try await untilCancelled()
            return .done
        }
        let runtime = runtime
        let slowEnd = Task { try await slow.orchestrate(from: .first, in: runtime) }
        await clock.waitForSleepers()
        let quickEnd = Task { try await quick.orchestrate(from: .first, in: runtime) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 1_000_000_000))
        clock.advance(by: .seconds(1))
        await #expect(throws: CanoError.self) { try await quickEnd.value }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 6_000_000_000))
        clock.advance(by: .seconds(5))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 100_000_000_000))
        clock.advance(by: .seconds(94))
        let error = await #expect(throws: CanoError.self) { try await slowEnd.value }
        #expect(error?.category == .timeout)
    }

    @Test("a stopped run does not wait for the timeout of an attempt that ignores the stop, only for its grace period")
    func stopped() async throws {
        let gate = Gate()
        let started = Gate()
        let control = RunControl()
        let workflow = Workflow<Step>.single(
            config: TaskConfig(retry: .none, attemptTimeout: .seconds(1000), abandonAfter: .seconds(2))
        ) { _ in
            started.open()
            await gate.pass()
            return .done
        }
        let runtime = runtime
        let outcome = Task { try await workflow.drive(Run<Step>(id: "r", start: .fresh(.first), control: control), in: runtime) }
        await started.pass()
        control.stop(.handBack)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 2_000_000_000))
        clock.advance(by: .seconds(2))
        guard case .relinquished(.handBack) = try await outcome.value else { return #expect(Bool(false)) }
        #expect(observer.summary == ["stateEntered first", "taskStarted first task"])
        gate.open()
    }
}

@Suite struct AttemptTimelineTests {
    typealias Timeline = AttemptTimeline<Int>

    @Test("what returns in time is the result, also while the run is being stopped")
    func inTime() {
        var timeline = Timeline()
        guard case .returned(.success(1))? = timeline.finished(.success(1)) else { return #expect(Bool(false)) }
        let timelineIsOverdue = timeline.deadlineCame()
        #expect(!timelineIsOverdue)
        if timeline.graceEnded() != nil { #expect(Bool(false)) }
        var stopping = Timeline()
        let stoppingStops = stopping.stopCame()
        #expect(stoppingStops)
        let stoppingIsOverdue = stopping.deadlineCame()
        #expect(!stoppingIsOverdue)
        guard case .returned(.success(2))? = stopping.finished(.success(2)) else { return #expect(Bool(false)) }
    }

    @Test("past the deadline nothing it returns counts, and past the grace period nobody waits")
    func late() {
        var late = Timeline()
        let lateIsOverdue = late.deadlineCame()
        #expect(lateIsOverdue)
        guard case .timedOut? = late.finished(.success(1)) else { return #expect(Bool(false)) }
        var deaf = Timeline()
        let deafIsOverdue = deaf.deadlineCame()
        #expect(deafIsOverdue)
        guard case .abandoned? = deaf.graceEnded() else { return #expect(Bool(false)) }
        if deaf.finished(.success(1)) != nil { #expect(Bool(false)) }
    }
}

@Suite struct DeadlineQueueTests {
    @Test("deadlines come in their order, removed ones never, and thousands of removed ones are forgotten")
    func order() async throws {
        let clock = ManualClock()
        let queue = DeadlineQueue(clock: clock)
        let fired = Journal<Int>()
        let last = Gate()
        for second in [5, 3, 4, 1, 2] {
            _ = queue.add(at: MonotonicInstant(nanoseconds: Int64(second) * 1_000_000_000)) {
                fired.add(second)
                if second == 5 { last.open() }
            }
        }
        for index in 0..<5000 {
            queue.remove(queue.add(at: MonotonicInstant(nanoseconds: Int64(index) * 1_000_000)) { fired.add(-index) })
        }
        await clock.waitForSleepers()
        let passing = Task { await last.pass() }
        try await clock.skippingWaits { await passing.value }
        #expect(fired.entries == [1, 2, 3, 4, 5])
    }
}
