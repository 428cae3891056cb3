import Tracing

/// Drives one run from state to state.
///
/// The plain path, a task without a timeout in a run without observers and checkpoints, makes no task, takes no lock and
/// allocates nothing per state.
@usableFromInline struct RunDriver<State: WorkflowState>: Sendable {
    /// The rows a log may have. Those that finish a step, a run or a rollback are written beyond it too.
    static var rowLimit: Int { 10_000 }

    @usableFromInline let workflow: WorkflowDefinition<State>
    @usableFromInline let scope: AttemptScope
    let timeout: Duration?
    let compensationTimeout: Duration?
    let startedAt: MonotonicInstant?
    @usableFromInline let isObserved: Bool
    /// Whether anybody measures or traces: what that needs is not even looked at otherwise.
    @usableFromInline let isInstrumented: Bool
    @usableFromInline let isLogging: Bool
    @usableFromInline var path = TransitionPath()
    @usableFromInline var visit = 0
    /// The part of the run this is, when attempts may have to be left behind.
    @usableFromInline var leg: RunLeg<State>?
    /// The finished steps that a rollback undoes, oldest first.
    var completed: [CompletedStep] = []
    /// What the log says; unused without one.
    @usableFromInline var logged = LogPosition<State>()

    @inlinable var run: RunScope { scope.run }
    var control: RunControl? { run.control }

    /// The driver of a run that needs nothing more than to be walked: nobody stops, limits or measures it.
    @usableFromInline static func plain(
        _ id: RunID, input: any Sendable, of workflow: WorkflowDefinition<State>, in runtime: WorkflowRuntime
    ) -> RunDriver {
        let shared = RunScope(id: id, input: input, store: nil, resources: workflow.resources, runtime: runtime)
        return RunDriver(
            workflow: workflow, scope: AttemptScope(run: shared), timeout: nil, compensationTimeout: nil,
            startedAt: nil, isObserved: !runtime.observers.isEmpty, isInstrumented: false, isLogging: runtime.checkpointLog != nil)
    }

    /// Drives a run to its end. Everything that can go wrong is in the result.
    static func drive(
        _ run: Run<State>, of workflow: Workflow<State>, under control: RunControl?, in runtime: WorkflowRuntime
    ) async -> Result<RunOutcome<State>, CanoError> {
        let result = await counted(run, of: workflow, under: control, in: runtime)
        switch result {
        case .success(.completed):
            return result
        case .failure(var error) where error.isElsewhere:
            // To whoever gets the error it is one like any other, also when that is a task of another run.
            error.isElsewhere = false
            return .failure(error)
        default:
            await release(run.id, in: runtime)
            return result
        }
    }

    /// Tells the checkpoint store that the run is driven here no more, and not because it has ended in an exit state.
    static func release(_ run: RunID, in runtime: WorkflowRuntime) async {
        guard let checkpoints = runtime.checkpoints else { return }
        guard Task.isCancelled else { return await checkpoints.release(run) }
        await Task { await checkpoints.release(run) }.value
    }

    private static func counted(
        _ run: Run<State>, of workflow: Workflow<State>, under control: RunControl?, in runtime: WorkflowRuntime
    ) async -> Result<RunOutcome<State>, CanoError> {
        guard let metrics = runtime.metrics else { return await unmeasured(run, of: workflow, under: control, in: runtime) }
        let start = runtime.clock.now
        metrics.move(.workflowActive, by: 1)
        let result = await unmeasured(run, of: workflow, under: control, in: runtime)
        metrics.move(.workflowActive, by: -1)
        let outcome =
            switch result {
            case .success(.completed): "completed"
            case .success(.suspended): "suspended"
            case .success(.relinquished): "relinquished"
            case .failure(let error): error.category == .cancelled ? "cancelled" : "failed"
            }
        metrics.count(.workflowRuns, outcome)
        metrics.record(.workflowDuration, start.duration(to: runtime.clock.now), outcome)
        return result
    }

    private static func unmeasured(
        _ run: Run<State>, of workflow: Workflow<State>, under control: RunControl?, in runtime: WorkflowRuntime
    ) async -> Result<RunOutcome<State>, CanoError> {
        guard let tracer = runtime.tracer else { return await untraced(run, of: workflow, under: control, in: runtime) }
        let name = if case .resumed = run.start { "workflow_resume" } else { "workflow_orchestrate" }
        return await tracer.withAnySpan(name, context: ServiceContext.current ?? .topLevel, ofKind: .internal) { span in
            span.attributes["cano.run"] = "\(run.id)"
            let result = await untraced(run, of: workflow, under: control, in: runtime)
            if case .failure(let error) = result {
                span.recordError(error)
                span.setStatus(SpanStatus(code: .error, message: error.message))
            }
            return result
        }
    }

    private static func untraced(
        _ run: Run<State>, of workflow: Workflow<State>, under control: RunControl?, in runtime: WorkflowRuntime
    ) async -> Result<RunOutcome<State>, CanoError> {
        guard workflow.resources.hasPerRun else {
            return await driven(run, of: workflow, under: control, in: runtime, with: workflow.resources)
        }
        let resources: Resources
        let managed: [ManagedResource]
        do {
            (resources, managed) = try await workflow.resources.made(for: run.id, logger: runtime.logger)
        } catch {
            return .failure(CanoError(error))
        }
        let result = await driven(run, of: workflow, under: control, in: runtime, with: resources)
        await ResourceLifecycle.tearDown(managed, logger: runtime.logger)
        return result
    }

    private static func driven(
        _ run: Run<State>, of workflow: Workflow<State>, under control: RunControl?, in runtime: WorkflowRuntime, with resources: Resources
    ) async -> Result<RunOutcome<State>, CanoError> {
        let shared = RunScope(
            id: run.id, input: run.input, store: run.ownStore, resources: resources, runtime: runtime, control: control)
        var driver = RunDriver(
            workflow: workflow.definition, scope: AttemptScope(run: shared), timeout: run.timeout,
            compensationTimeout: run.compensationTimeout, startedAt: run.timeout == nil ? nil : runtime.clock.now,
            isObserved: !runtime.observers.isEmpty,
            isInstrumented: runtime.isInstrumented, isLogging: runtime.checkpointLog != nil)
        let anchor: LogPosition<State>.Anchor
        switch run.start {
        case .fresh(let state):
            anchor = .entering(state)
        case .accepted(let row):
            do { anchor = .revisiting(try driver.begin(at: row)) } catch { return .failure(error) }
        case .resumed(let rows):
            // A log that cannot be resumed is left as it is: nothing runs and nothing is undone.
            do {
                switch try driver.restore(rows) {
                case .goingOn(let left): anchor = left
                case .rollingBack(let failure): return await driver.rolledBack(after: failure, isRecorded: true)
                }
            } catch {
                return .failure(error)
            }
        }
        do {
            return .success(.completed(try await driver.run(from: anchor)))
        } catch let relinquished as Relinquished {
            return .success(.relinquished(relinquished.reason))
        } catch let refusal as LogRefusal {
            return .failure(refusal.ending)
        } catch {
            return await driver.rolledBack(after: CanoError(error), isRecorded: false)
        }
    }

    /// Goes on from there to an exit state.
    private mutating func run(from anchor: LogPosition<State>.Anchor) async throws -> State {
        do { return try await takenUp(at: anchor) } catch { return try await repeated(after: error) }
    }

    private mutating func takenUp(at anchor: LogPosition<State>.Anchor) async throws -> State {
        switch anchor {
        case .entering(let state):
            return try await proceed(from: state, at: workflow.graph.node(of: state))
        case .revisiting(let node):
            if Task.isCancelled { try stopBeforeEntering(node.label, isExit: node.isExit) }
            if node.isExit { return try await finish(node.state) }
            let next = try await perform(node)
            if let declared = node.leadsTo { try check(next, isIn: declared, after: node) }
            return try await proceed(from: next, at: workflow.graph.node(of: next))
        }
    }

    /// Does a step again that could not be committed; whatever else went wrong is thrown on.
    private mutating func repeated(after error: any Error) async throws -> State {
        var failure = error
        while let conflict = failure as? StepConflict, let (anchor, visit) = anchor(after: conflict) {
            path.removeLast(self.visit - visit)
            self.visit = visit
            do { return try await takenUp(at: anchor) } catch { failure = error }
        }
        throw failure
    }

    private func anchor(after conflict: StepConflict) -> (anchor: LogPosition<State>.Anchor, visit: Int)? {
        guard let place = conflict.place, let node = place.node as? StateNode<State> else {
            return logged.anchor.map { ($0, logged.visit) }
        }
        return (.revisiting(node), place.visit)
    }

    /// What follows when a run that was only walked threw an error.
    @usableFromInline mutating func ended(after error: any Error) async throws(CanoError) -> State {
        do {
            return try await repeated(after: error)
        } catch {
            if (error as? LogRefusal)?.isElsewhere != true { await Self.release(run.id, in: run.runtime) }
            throw CanoError(endOfDrive: error)
        }
    }

    /// Enters states until one is an exit.
    ///
    /// Plain tasks are run right here: every further function between the loop and the task would cost as much as the
    /// engine's own work for a transition.
    @inlinable mutating func walk(from start: State, at first: StateNode<State>?) async throws -> State {
        let scope = scope
        let graph = workflow.graph
        var state = start
        guard var node = first else { throw try await missing(state) }
        if Task.isCancelled { try stopBeforeEntering(node.label, isExit: node.isExit) }
        while true {
            visit += 1
            if isObserved { run.tell(.stateEntered(state: node.label, previous: path.last)) }
            path.append(node.label)
            if isLogging, node.isLogged {
                try await log(entryOf: node)
                if Task.isCancelled { try stopBeforeEntering(node.label, isExit: node.isExit) }
            }
            if node.isExit { return isLogging ? try await finish(state) : state }
            var isConcluded = false
            if node.isPlain, !isInstrumented {
                if isObserved { run.tell(.taskStarted(state: node.label, task: node.identity.taskName)) }
                do {
                    state = try await node.task.run(TaskContext(scope: scope, node: node.identity, visit: visit, attempt: 1))
                } catch {
                    state = try await retried(node, after: error)
                }
            } else if let leg, let timeout = node.onlyTimeout {
                state = try await attempts(of: node, in: leg, timeout: timeout)
            } else if let breaker = node.onlyBreaker, !isInstrumented {
                state = try await attempts(of: node, guardedBy: breaker)
            } else {
                state = try await perform(node)
                isConcluded = true
            }
            // Asking costs more than much else here, so one answer serves both places that need it.
            let isCancelled = Task.isCancelled
            if !isConcluded {
                let writes = try concluded(node, isCancelled: isCancelled)
                if !writes.isEmpty { try await apply(writes, of: node) }
            }
            if let declared = node.leadsTo { try check(state, isIn: declared, after: node) }
            guard let next = graph.node(of: state, after: node) else { throw try await missing(state) }
            node = next
            if isCancelled { try stopBeforeEntering(node.label, isExit: node.isExit) }
        }
    }

    /// Enters a state and goes on from there, in the way the workflow's tasks need.
    @inlinable mutating func proceed(from state: State, at node: StateNode<State>?) async throws -> State {
        guard workflow.graph.hasTimeouts, !isInstrumented else { return try await walk(from: state, at: node) }
        return try await walkInLegs(from: state, at: node)
    }

    @usableFromInline func check(_ next: State, isIn declared: Set<State>, after node: StateNode<State>) throws {
        guard !declared.contains(next) else { return }
        throw CanoError(
            .workflow, "state \"\(node.label)\" led to \"\(next.label)\", which its registration does not declare",
            code: "undeclared_transition", state: node.label, task: node.identity.taskName, path: path.recent)
    }

    /// The run is over: nothing that happens now undoes it.
    @usableFromInline func finish(_ state: State) async throws -> State {
        try await clearLog()
        return state
    }

    /// Removes the log of a run that is over, and reports when that doesn't work.
    func clearLog() async throws {
        guard let checkpoints = run.runtime.checkpoints else { return }
        let id = run.id
        do {
            if Task.isCancelled {
                try await withCancellationShield { try await checkpoints.clear(id) }
            } else {
                try await checkpoints.clear(id)
            }
            run.runtime.metrics?.count(.checkpointClears, "ok")
        } catch let relinquished as Relinquished {
            throw relinquished
        } catch {
            run.runtime.metrics?.count(.checkpointClears, "err")
            emit(.checkpointClearFailed(error: CanoError(.checkpointStore, "the log could not be removed: \(error)", underlying: error)))
        }
    }

    /// A state nobody registered is entered like any other before it ends the run, so that the log shows it.
    @usableFromInline mutating func missing(_ state: State) async throws -> CanoError {
        let label = state.label
        if Task.isCancelled { try stopBeforeEntering(label, isExit: false) }
        visit += 1
        emit(.stateEntered(state: label, previous: path.last))
        path.append(label)
        if let log = run.runtime.checkpointLog {
            let row = CheckpointRow(sequence: logged.sequence, state: label, visit: visit, version: workflow.version)
            try await append(row, to: log)
        }
        return CanoError(
            .workflow, "no task is registered for state \"\(label)\": register one or make it an exit state", state: label,
            path: path.recent)
    }

    @inlinable func emit(_ event: @autoclosure () -> WorkflowEvent) {
        guard isObserved else { return }
        run.tell(event())
    }
}
