import Logging
import Tracing

extension RunDriver {
    /// Runs a state's task until it succeeds or has failed for good.
    @usableFromInline mutating func perform(_ node: StateNode<State>) async throws -> State {
        // A compensatable task measures itself: making its output durable is no part of it.
        if case .compensatable(let task, _) = node.handler { return try await perform(compensatable: task, of: node) }
        guard isInstrumented else { return try await dispatch(node) }
        return try await Self.measured(node, run) { try await dispatch(node) }
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

    private mutating func dispatch(_ node: StateNode<State>) async throws -> State {
        switch node.handler {
        case .task(let task), .router(let task):
            return try await perform(task, of: node)
        case .compensatable(let task, _):
            return try await perform(compensatable: task, of: node)
        case .timer(let task):
            return try await perform(timer: task, of: node)
        case .stepped(let task):
            return try await perform(stepped: task, of: node)
        case .stream(let task):
            return try await perform(stream: task, of: node)
        case .split(let split):
            return try await split.run(in: self, node)
        case nil:
            throw CanoError(.workflow, "state \"\(node.label)\" has no task", state: node.label, path: path.recent)
        }
    }

    private func perform(_ task: any WorkflowTask<State>, of node: StateNode<State>) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        var loop = attempts(of: node)
        let next = try await outcome(of: node) { () async throws(AttemptLoop.Failure) in
            try await loop.run { context in try await task.run(context) }
        }
        try await succeed(node)
        return next
    }

    /// The further attempts of a plain task whose first one failed.
    @usableFromInline func retried(_ node: StateNode<State>, after error: any Error) async throws -> State {
        let task = node.task
        var loop = attempts(of: node)
        return try await outcome(of: node) { () async throws(AttemptLoop.Failure) in
            try await loop.recover(from: error)
            return try await loop.run { context in try await task.run(context) }
        }
    }

    /// The attempts of a plain task with a circuit breaker: the first one right here, the others as everywhere.
    @inlinable func attempts(of node: StateNode<State>, guardedBy breaker: CircuitBreaker) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let permit: CircuitBreaker.Permit
        do { permit = try breaker.acquire() } catch { throw turnedAway(error, node) }
        do {
            let next = try await node.task.run(TaskContext(scope: scope, node: node.identity, visit: visit, attempt: 1))
            permit.succeed()
            return next
        } catch {
            permit.fail()
            return try await retried(node, after: error)
        }
    }

    /// A circuit breaker refused an attempt: the task has failed.
    @usableFromInline func turnedAway(_ refusal: CanoError, _ node: StateNode<State>) -> CanoError {
        emit(.circuitOpened(state: node.label, task: node.identity.taskName))
        return failed(refusal, node)
    }

    func attempts(of node: StateNode<State>) -> AttemptLoop {
        AttemptLoop(scope: scope, node: node.identity, config: node.config, visit: visit, isObserved: isObserved)
    }

    /// Reports how a loop of attempts failed, in terms of the run.
    func outcome<Value>(
        of node: StateNode<State>, _ attempts: () async throws(AttemptLoop.Failure) -> Value
    ) async throws -> Value {
        do {
            return try await attempts()
        } catch .interrupted {
            throw interrupted(node)
        } catch .failed(let failure) {
            throw failed(failure, node)
        }
    }

    /// A task failed for good.
    func failed(_ error: CanoError, _ node: StateNode<State>) -> CanoError {
        let failure = error.placed(in: node.identity, path: path.recent)
        emit(.taskFailed(state: node.label, task: node.identity.taskName, error: failure))
        return failure
    }

    /// A task succeeded: what its last attempt wrote joins the run.
    @inlinable func succeed(_ node: StateNode<State>) async throws {
        let writes = try concluded(node, isCancelled: Task.isCancelled)
        if !writes.isEmpty { try await apply(writes, of: node) }
    }

    /// A task succeeded.
    ///
    /// - Returns: What its last attempt wrote, which is still to be applied.
    @inlinable func concluded(_ node: StateNode<State>, isCancelled: Bool) throws -> [StagedWrite] {
        let writes = scope.endAttempt()
        if isCancelled { try leaveIfContinuedElsewhere() }
        if isObserved { run.tell(.taskSucceeded(state: node.label, task: node.identity.taskName)) }
        return writes
    }

    /// A run that goes on elsewhere takes this state's outcome from there.
    @usableFromInline func leaveIfContinuedElsewhere() throws {
        guard Task.isCancelled, let reason = stopReason, !reason.endsRun else { return }
        throw Relinquished(reason: reason)
    }

    /// Makes what a step wrote part of the run and of the stores it shares.
    ///
    /// - Throws: ``StepConflict`` when the step is to be done again.
    @usableFromInline func apply(_ writes: [StagedWrite], of node: StateNode<State>) async throws {
        guard !writes.isEmpty else { return }
        let isSharing = writes.contains { $0.store != nil }
        do {
            // These can refuse the step, so that of the others nothing may have happened before.
            if isSharing { try await share(writes.filter { $0.store != nil }) }
            let own = isSharing ? writes.filter { $0.store == nil } : writes
            if !own.isEmpty { try run.store.apply(own) }
        } catch var conflict as StepConflict {
            run.runtime.logger.debug("a step is repeated", metadata: ["run": "\(run.id)", "conflict": "\(conflict.message)"])
            conflict.place = .init(node: node, visit: visit)
            throw conflict
        } catch {
            throw CanoError(error).placed(in: node.identity, path: path.recent)
        }
    }

    /// Applies what a task wrote that goes on: a store that refuses it fails the task.
    func applyMidway(_ writes: [StagedWrite], of node: StateNode<State>) async throws {
        do { try await apply(writes, of: node) } catch let error as CanoError { throw failed(error, node) }
    }

    private func share(_ writes: [StagedWrite]) async throws {
        guard let stores = run.runtime.stores else { return }
        try await withCancellationShield { try await stores.apply(writes) }
    }
}
