/// Takes one run from state to state, to an exit.
///
/// The plain path, a task without a timeout in a run without observers and checkpoints, makes no task, takes no lock and
/// allocates nothing per state.
@usableFromInline struct RunDriver<State: WorkflowState>: Sendable {
    @usableFromInline let workflow: WorkflowDefinition<State>
    @usableFromInline let scope: AttemptScope
    @usableFromInline let timeout: Duration?
    @usableFromInline let compensationTimeout: Duration?
    @usableFromInline let startedAt: MonotonicInstant?
    @usableFromInline let isObserved: Bool
    /// Whether the run is measured or traced: what that needs is not even looked at otherwise.
    @usableFromInline let isInstrumented: Bool
    /// Whether the first attempts at plain tasks take no more than the task's configuration says.
    @usableFromInline let isUnattended: Bool
    @usableFromInline let isLogging: Bool
    @usableFromInline var path = TransitionPath()
    @usableFromInline var visit = 0
    /// The segment of the run this is, when attempts may have to be left behind.
    @usableFromInline var segment: RunSegment<State>?
    /// The finished steps that a rollback undoes, oldest first.
    @usableFromInline var completed: [CompletedStep] = []
    /// The steps that failed with an attempt left behind: whether they took effect is not known.
    @usableFromInline var inDoubt: [CanoError] = []
    /// Set while the run is undone.
    @usableFromInline var undoing: Undoing?
    /// What the log says; unused without one.
    @usableFromInline var logged = LogPosition<State>()

    @inlinable var run: RunScope { scope.run }
    var control: RunControl? { run.control }

    /// The driver of a run.
    init(
        _ run: Run<State>, of workflow: WorkflowDefinition<State>, with resources: Resources, under control: RunControl?,
        in runtime: WorkflowRuntime
    ) {
        let shared = RunScope(
            id: run.id, of: workflow.name, input: RunInput(run.input), store: run.ownStore, resources: resources, runtime: runtime,
            control: control, canBeLeft: run.control != nil || run.timeout != nil)
        self.init(
            shared, of: workflow, timeout: run.timeout, compensationTimeout: run.compensationTimeout,
            startedAt: run.timeout == nil ? nil : runtime.clock.now, isInstrumented: runtime.isInstrumented)
    }

    /// The driver of a run with nothing around its states: it is not limited, measured or stopped by a control.
    @inlinable init(
        plain id: RunID, input: RunInput<State.Input>, of workflow: WorkflowDefinition<State>, in runtime: WorkflowRuntime
    ) {
        self.init(
            RunScope(id: id, of: workflow.name, input: input, store: nil, resources: workflow.resources, runtime: runtime), of: workflow,
            timeout: nil, compensationTimeout: nil, startedAt: nil, isInstrumented: false)
    }

    @inlinable init(
        _ run: RunScope, of workflow: WorkflowDefinition<State>, timeout: Duration?, compensationTimeout: Duration?,
        startedAt: MonotonicInstant?, isInstrumented: Bool
    ) {
        self.workflow = workflow
        scope = AttemptScope(run: run)
        self.timeout = timeout
        self.compensationTimeout = compensationTimeout
        self.startedAt = startedAt
        isObserved = !run.runtime.observers.isEmpty
        self.isInstrumented = isInstrumented
        isUnattended = !isInstrumented && !run.canBeLeft
        isLogging = run.runtime.checkpointLog != nil
    }

    /// Runs states from there until one is an exit. A step that could not be committed is done again.
    mutating func runToExit(from anchor: LogPosition<State>.Anchor) async throws -> State {
        do { return try await runStates(from: anchor) } catch { return try await redoStep(after: error) }
    }

    /// Goes on after an error of a run with nothing around its states.
    @usableFromInline mutating func recover(from error: any Error, in start: State) async throws(CanoError) -> State {
        // What most runs fail with, and neither a step to be done again nor a log that refuses more.
        if let error = error as? CanoError {
            await RunExecution<State>.releaseLog(of: run.id, in: run.runtime)
            throw error
        }
        do {
            if logged.anchor == nil { logged.reached(.entering(start, after: nil), in: 0) }
            return try await redoStep(after: error)
        } catch {
            if (error as? LogRefusal)?.isElsewhere != true { await RunExecution<State>.releaseLog(of: run.id, in: run.runtime) }
            throw CanoError(endOfRun: error)
        }
    }

    /// Does a step again that could not be committed, and goes on to an exit. Any other error is thrown on.
    private mutating func redoStep(after error: any Error) async throws -> State {
        var failure = error
        var conflicts = Conflicts()
        while let conflict = failure as? StepConflict, let (anchor, visit) = anchor(after: conflict) {
            path.removeLast(self.visit - visit)
            self.visit = visit
            await conflicts.pause(beforeRepeating: visit, in: run)
            do { return try await runStates(from: anchor) } catch { failure = error }
        }
        throw failure
    }

    private func anchor(after conflict: StepConflict) -> (anchor: LogPosition<State>.Anchor, visit: Int)? {
        guard let place = conflict.place, let node = place.node as? StateNode<State> else {
            return logged.anchor.map { ($0, logged.visit) }
        }
        return (.revisiting(node), place.visit)
    }

    private mutating func runStates(from anchor: LogPosition<State>.Anchor) async throws -> State {
        switch anchor {
        case .entering(let state, let previous):
            // A log says where a step led, and not that its registration allows it.
            if let previous, let declared = previous.leadsTo { try check(state, isIn: declared, after: previous) }
            return try await runLoop(from: state)
        case .revisiting(let node):
            return try await runLoop(from: node.state, isEntered: true)
        }
    }

    /// Enters a state and goes on from there until a state is an exit, in the way the workflow's tasks need.
    @inlinable mutating func runStates(from state: State, at node: StateNode<State>?, isEntered: Bool = false) async throws -> State {
        guard workflow.graph.hasTimeouts || !isUnattended, !isInstrumented else {
            return try await enterStates(from: state, at: node, isEntered: isEntered)
        }
        return try await runInSegments(from: state, at: node, isEntered: isEntered)
    }

    @inlinable func emit(_ event: @autoclosure () -> WorkflowEvent) {
        guard isObserved else { return }
        run.tell(event())
    }
}
