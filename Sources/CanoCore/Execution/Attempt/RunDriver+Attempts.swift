import Tracing

extension RunDriver {
    /// Runs a state's task, of whatever kind, until it succeeds or has failed for good.
    @usableFromInline mutating func runTask(of node: StateNode<State>) async throws -> State {
        // A compensatable task measures itself: making its output durable is no part of it.
        if case .compensatable = node.handler { return try await runSagaStep(of: node) }
        guard isInstrumented else { return try await runHandler(of: node) }
        return try await Self.measured(node, run) { try await runHandler(of: node) }
    }

    /// Measures and traces what a state's task does.
    static func measured<Value>(_ node: StateNode<State>, _ run: RunScope, _ body: () async throws -> Value) async throws -> Value {
        guard run.runtime.isInstrumented else { return try await body() }
        let kind = node.handler?.kind ?? ""
        let start = run.runtime.clock.now
        defer { run.runtime.metrics?.record(.taskDuration, start.duration(to: run.runtime.clock.now), node.label, kind) }
        guard let tracer = run.runtime.tracer else { return try await body() }
        return try await tracer.inSpan("\(kind)_task_execution") { attributes in
            attributes["cano.run"] = "\(run.id)"
            attributes["cano.state"] = node.label
            attributes["cano.task"] = node.identity.taskName
        } _: {
            try await body()
        }
    }

    private mutating func runHandler(of node: StateNode<State>) async throws -> State {
        switch node.handler {
        case .task(let task), .router(let task):
            return try await runAttempts(at: task, of: node)
        case .compensatable:
            return try await runSagaStep(of: node)
        case .waiting(let work):
            return try await runWaiting(work, of: node)
        case .remoteStep(let work, _):
            return try await runRemoteStep(work, of: node)
        case .stepped(let task):
            return try await runSteps(of: task, of: node)
        case .stream(let task):
            return try await runStream(task, of: node)
        case .split(let split):
            return try await split.run(in: &self, node)
        case nil:
            throw CanoError(.workflow, "state \"\(node.label)\" has no task", state: node.label, path: path.recent)
        }
    }

    private mutating func runAttempts(at task: any WorkflowTask<State>, of node: StateNode<State>) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let next = try await attempts(at: task, of: node, after: nil)
        try await commitAttempt(of: node)
        return next
    }

    private mutating func attempts(
        at task: any WorkflowTask<State>, of node: StateNode<State>, after error: (any Error)?
    ) async throws -> State {
        var loop = attemptLoop(at: node)
        guard !isLogging else {
            return try await core.placingFailure(in: node.identity) { core in
                try await core.attempts(&loop, after: error) { context in try await task.run(TaskContext(context)) }
            }
        }
        // Without a log nothing is kept: a failure is not even thrown before it has its place.
        switch await loop.result(after: error, { context in try await task.run(TaskContext(context)) }) {
        case .success(let next): return next
        case .failure(.failed(let error)): throw failed(error, node)
        case .failure: throw interrupted(node)
        }
    }

    /// The context of a first attempt at a state's task.
    @inlinable @inline(__always) func context(of node: StateNode<State>) -> TaskContext<State> {
        TaskContext(scope: scope, node: node.identity, visit: visit, attempt: 1)
    }

    /// The further attempts at a plain task whose first one failed, or was turned away.
    @usableFromInline mutating func retry(_ node: StateNode<State>, after error: any Error) async throws -> State {
        if let failure = core.failure(ofFirstAttemptAt: node.identity, node.config, with: error) { throw failure }
        return try await attempts(at: node.task, of: node, after: error)
    }

    /// The attempts at a plain task with a circuit breaker: the first one right here, the others as everywhere.
    ///
    /// Not inlined, like the one with a timeout: what they need would be a part of every run's frame.
    @inlinable @inline(never) mutating func attempt(_ node: StateNode<State>, guardedBy breaker: CircuitBreaker) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let context = context(of: node)
        do {
            // Written out: closures cost half of a transition here.
            let permit = try breaker.permitForAttempt()
            if permit.isTrial { return try await breaker.attempt(onTrial: permit) { try await node.task.run(context) } }
            let next = try await node.task.run(context)
            permit.succeed()
            return next
        } catch {
            return try await retry(node, after: error)
        }
    }

    /// - Parameters:
    ///   - node: Whose attempts these are.
    ///   - interruption: What a cancellation of the run is to them.
    ///   - isRemote: Whether a worker does the work. A pause is more than time then: an answer may come in it.
    /// - Returns: The loop.
    func attemptLoop(
        at node: StateNode<State>, interruption: AttemptLoop.Interruption = .any, isRemote: Bool = false
    ) -> AttemptLoop {
        AttemptLoop(
            scope: scope, node: node.identity, config: node.config, visit: visit, isObserved: isObserved, interruption: interruption,
            handsPausesOver: isRemote || isLogging && node.isLogged)
    }
}

extension DriverCore {
    /// Ends a plain task that has but one attempt, which has failed, without a loop.
    ///
    /// - Returns: What the run fails with; `nil` when there is more to decide, and nothing has been done.
    fileprivate func failure(ofFirstAttemptAt node: NodeIdentity, _ config: TaskConfig, with thrown: any Error) -> CanoError? {
        // Whether another attempt follows is for a loop to say.
        let retry = if case .standard = config.retry { run.runtime.standardRetry } else { config.retry }
        guard case .none = retry, config.retryIf == nil, !isInstrumented, !logged.hasParts else { return nil }
        guard let error = thrown.asCanoError, !run.isInterrupted else { return nil }
        scope.dropAttempt()
        var failure = error
        failure.attempt = error.attempt ?? 1
        return failed(failure, node)
    }
}
