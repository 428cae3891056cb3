import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

/// Runs with attempt timeouts, which are driven in tasks that can be left behind.
@Suite(.timeLimit(.minutes(5))) struct RunSegmentTests {
    private enum Caller {
        @TaskLocal static var name = "none"
    }

    let clock = ManualClock()
    let observer = RecordingObserver()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, observers: [observer]) }

    private func limited(_ seconds: Int, retries: Int = 0) -> TaskConfig {
        TaskConfig(retry: .fixed(retries: retries, delay: .zero), attemptTimeout: .seconds(seconds), abandonAfter: .seconds(2))
    }

    @Test("the deadline of an attempt that has ended does not end the next one")
    func laterDeadline() async throws {
        let gate = Gate()
        let second = Gate()
        let workflow = Workflow<Step>()
            .register(.first, config: limited(10)) { _ in
                await gate.pass()
                return .second
            }
            .register(.second, config: limited(10)) { _ in
                second.open()
                try await untilCancelled()
                return .done
            }
            .register(.third) { _ in .done }
            .addExitState(.done)
        let runtime = runtime
        let end = Task { try await workflow.orchestrate(from: .first, in: runtime) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(6))
        gate.open()
        await second.pass()
        clock.advance(by: .seconds(4))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 16_000_000_000))
        clock.advance(by: .seconds(6))
        let error = await #expect(throws: CanoError.self) { try await end.value }
        #expect(error?.category == .timeout)
        #expect(error?.state == "second")
        #expect(error?.path == ["first", "second"])
    }

    @Test("an attempt that may take less than the one before it has an earlier deadline")
    func earlierDeadline() async throws {
        let workflow = Workflow<Step>()
            .register(.first, config: limited(1000)) { _ in .second }
            .register(.second, config: limited(1)) { _ in
                try await untilCancelled()
                return .done
            }
            .register(.third) { _ in .done }
            .addExitState(.done)
        let runtime = runtime
        let end = Task { try await workflow.orchestrate(from: .first, in: runtime) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 1_000_000_000))
        clock.advance(by: .seconds(1))
        let error = await #expect(throws: CanoError.self) { try await end.value }
        #expect(error?.category == .timeout)
    }

    @Test("after an attempt was abandoned the run goes on as the caller's, with its path, and what that attempt still does is lost")
    func goesOn() async throws {
        let gate = Gate()
        let late = Gate()
        let callers = Journal<String>()
        let visits = Journal<Int>()
        let workflow = Workflow<Step>()
            .register(.first, config: limited(10)) { _ in .second }
            .register(.second, config: limited(10, retries: 1)) { context in
                callers.add(Caller.name)
                visits.add(context.visit)
                guard context.attempt == 1 else { return .third }
                await gate.pass()
                late.open()
                return .done
            }
            .register(.third, config: limited(10)) { context in
                callers.add(Caller.name)
                visits.add(context.visit)
                throw Hopeless()
            }
            .addExitState(.done)
        let runtime = runtime
        let end = Task { try await Caller.$name.withValue("caller") { try await workflow.orchestrate(from: .first, in: runtime) } }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        try await eventually("the visit has begun") { !visits.entries.isEmpty }
        clock.advance(by: .seconds(10))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 12_000_000_000))
        clock.advance(by: .seconds(2))
        let error = await #expect(throws: CanoError.self) { try await end.value }
        #expect(error?.path == ["first", "second", "third"])
        #expect(callers.entries == ["caller", "caller", "caller"])
        #expect(visits.entries == [2, 2, 3])
        let seen = observer.summary
        gate.open()
        await late.pass()
        #expect(observer.summary == seen)
    }

    @Test("cancelling a run whose attempt overran ends it, and no further attempt is made")
    func cancelledMeanwhile() async throws {
        let gate = Gate()
        let attempts = Counter()
        let workflow = Workflow<Step>.single(config: limited(10, retries: 5)) { _ in
            attempts.increment()
            await gate.pass()
            return .done
        }
        let runtime = runtime
        let end = Task { try await workflow.orchestrate(from: .first, in: runtime) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 12_000_000_000))
        end.cancel()
        clock.advance(by: .seconds(2))
        let error = await #expect(throws: CanoError.self) { try await end.value }
        #expect(error?.category == .cancelled)
        #expect(attempts.value == 1)
        gate.open()
    }
}
