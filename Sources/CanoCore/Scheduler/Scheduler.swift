import CanoPrimitives
import Logging
public import ServiceLifecycle
import Synchronization

/// Runs workflows when they are due, in one process.
///
/// Flows are registered, then ``run()`` begins them and returns when the scheduler was stopped. Each run has an id of its own, the
/// flow's name and something no other run has, so a failed run whose log was kept stands in no other run's way. Resources are set up once,
/// before the first run, and torn down after the last.
///
/// Nothing is kept beyond the process: ``Schedule/lastDue`` tells a new scheduler what an old one has done.
public final class Scheduler: Sendable, Service {
    enum Phase { case registering, starting, running, stopping, stopped }

    struct State {
        var phase = Phase.registering
        var flows: [RegisteredFlow] = []
        var indices: [String: Int] = [:]
        var deadline: DeadlineQueue.ID?
        var runsUnderWay = 0
        var failure: CanoError?
    }

    let runtime: WorkflowRuntime
    private let stopTimeout: Duration
    let wallClockCheck: Duration
    let state = Mutex(State())
    private let stopAsked = Gate()
    let runsEnded = Gate()
    private let stopped = Gate()
    private let hasBegun = Gate()

    /// Creates a scheduler without flows.
    ///
    /// - Parameters:
    ///   - runtime: What its runs need: clock, checkpoints, observers.
    ///   - stopTimeout: How long a stop waits for cancelled runs to be undone, and then for resources to be torn down.
    ///   - wallClockCheck: How soon it is noticed that the wall clock was set, at least a second. Due times of cron depend on it.
    public init(
        in runtime: WorkflowRuntime = .standard, stopTimeout: Duration = .seconds(30), wallClockCheck: Duration = .seconds(60)
    ) {
        self.runtime = runtime
        self.stopTimeout = stopTimeout
        self.wallClockCheck = max(wallClockCheck, .seconds(1))
    }

    /// Takes a flow, until the scheduler has been started.
    func add(_ flow: RegisteredFlow) throws(CanoError) {
        let problem = state.withLock { state -> String? in
            guard state.phase == .registering else { return "the scheduler has been started: register flows before" }
            guard state.indices[flow.name] == nil else { return "there is a flow of that name already: give it another" }
            state.indices[flow.name] = state.flows.count
            state.flows.append(flow)
            return nil
        }
        if let problem { throw CanoError(.configuration, "flow \"\(flow.name)\" cannot be registered: \(problem)") }
    }

    /// Runs the flows until the scheduler is stopped, the task is cancelled, or the service group shuts down.
    ///
    /// Then nothing begins any more and runs under way are cancelled: what they did is undone. A run that is not over in time is left to
    /// itself, and so are resources that take too long to be torn down.
    ///
    /// - Throws: ``CanoError/Category/configuration`` for a workflow that cannot run, or a second call; what a resource threw, when
    ///   one could not be set up: those before it are down again and nothing ran; ``CanoError/Category/workflow`` with the code
    ///   `stop_timeout`, naming the flows whose runs were left to themselves.
    public func run() async throws {
        let flows = try begin()
        do throws(CanoError) {
            try await setUp(flows)
        } catch {
            finish(error)
            throw error
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            beginFlows()
            await stopAsked.pass()
        } onCancelOrGracefulShutdown: {
            self.askToStop()
        }
        // In a task of its own, because this one may be cancelled, and a tear-down is not.
        let failure = await Task { await shutDown() }.value
        finish(failure)
        if let failure { throw failure }
    }

    /// Waits until ``run()`` has begun the flows: triggers are taken from here on, until the scheduler is stopped.
    ///
    /// - Throws: What ``run()`` threw when it could not begin.
    public func started() async throws(CanoError) {
        await hasBegun.pass()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Stops the scheduler and waits until ``run()`` is over. One that was never run will not be.
    ///
    /// - Throws: What ``run()`` throws; every call gives the same answer.
    public func stop() async throws(CanoError) {
        askToStop()
        await stopped.pass()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Nothing begins from here on.
    private func askToStop() {
        let wasStarted = state.withLock { state in
            switch state.phase {
            case .registering:
                state.phase = .stopped
                return false
            case .starting, .running: state.phase = .stopping
            case .stopping, .stopped: break
            }
            return true
        }
        if !wasStarted { stopped.open() }
        stopAsked.open()
    }

    private func begin() throws(CanoError) -> [RegisteredFlow] {
        let flows = state.withLock { state -> [RegisteredFlow]? in
            guard state.phase == .registering else { return nil }
            state.phase = .starting
            return state.flows
        }
        guard let flows else { throw CanoError(.configuration, "a scheduler runs once: make another one") }
        for flow in flows {
            do throws(CanoError) {
                try flow.validate()
            } catch {
                var failure = error
                failure.message = "flow \"\(flow.name)\": \(error.message)"
                finish(failure)
                throw failure
            }
        }
        return flows
    }

    private func setUp(_ flows: [RegisteredFlow]) async throws(CanoError) {
        for (index, flow) in flows.enumerated() {
            do throws(CanoError) {
                try await flow.setUp(runtime)
            } catch {
                for flow in flows[..<index].reversed() { await flow.tearDown(runtime) }
                throw error
            }
        }
    }

    private func finish(_ failure: CanoError?) {
        state.withLock { state in
            state.phase = .stopped
            state.failure = failure
        }
        hasBegun.open()
        stopped.open()
    }

    private func beginFlows() {
        advance { state in
            // It may have been stopped while resources were set up.
            guard state.phase == .starting else { return }
            state.phase = .running
            for index in state.flows.indices {
                let now = present(for: state.flows[index])
                state.flows[index].state.begin(at: now, random: runtime.random)
            }
        }
        hasBegun.open()
    }

    private func shutDown() async -> CanoError? {
        let (controls, flows, deadline) = state.withLock { state in
            if state.runsUnderWay == 0 { runsEnded.open() }
            return (state.flows.flatMap { $0.runs.values }, state.flows, state.deadline)
        }
        if let deadline { runtime.deadlines.remove(deadline) }
        for control in controls { control.stop(.cancelled(reason: "the scheduler stops")) }
        let left = await inTime { await self.runsEnded.pass() } ? [] : state.withLock { $0.flows.filter { !$0.runs.isEmpty }.map(\.name) }
        let isDown = await inTime { for flow in flows.reversed() { await flow.tearDown(self.runtime) } }
        if !isDown { runtime.logger.error("resources of scheduled flows were not torn down in time and are left to themselves") }
        guard !left.isEmpty else { return nil }
        return CanoError(
            .workflow, "runs of \(left.joined(separator: ", ")) were not over \(stopTimeout) after the scheduler had been stopped",
            code: "stop_timeout")
    }

    /// Whether the work was done before ``stopTimeout``; else it is left to itself.
    private func inTime(_ work: @escaping @concurrent @Sendable () async -> Void) async -> Bool {
        let end = await TimedAttempt(runtime: runtime, abandonAfter: .zero).run(timeout: stopTimeout, work)
        if case .returned = end { return true }
        return false
    }
}
