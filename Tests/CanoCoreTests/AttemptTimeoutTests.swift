import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct AttemptTimeoutTests {
    let clock = ManualClock()
    let observer = RecordingObserver()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, observers: [observer]) }

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
            do { _ = try context[ResourceKey<Int>("none")] } catch { seen.add(CanoError(error).category) }
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
        let slow = Workflow<Step>.single(config: TaskConfig(retry: .none, attemptTimeout: .seconds(100), abandonAfter: .seconds(5))) { _ in
            try await untilCancelled()
            return .done
        }
        let quick = Workflow<Step>.single(config: TaskConfig(retry: .none, attemptTimeout: .seconds(1), abandonAfter: .seconds(5))) { _ in
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
