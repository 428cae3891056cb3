/// Takes one run from state to state, to an exit.
///
/// The plain path, a task without a timeout in a run without observers and checkpoints, makes no task, takes no lock and
/// allocates nothing per state.
@usableFromInline struct RunDriver<State: WorkflowState>: Sendable {
    @usableFromInline let workflow: WorkflowDefinition<State>
    @usableFromInline var core: DriverCore
    /// The segment of the run this is, when attempts may have to be left behind.
    @usableFromInline var segment: RunSegment<State>?

    /// The driver of a run.
    init(
        _ run: Run<State>, of workflow: WorkflowDefinition<State>, with resources: Resources, under control: RunControl?,
        in runtime: WorkflowRuntime
    ) {
        let limits = RunLimits(
            timeout: run.timeout.map { $0 + run.elapsed },
            startedAt: run.timeout == nil ? nil : runtime.clock.now.advanced(by: .zero - run.elapsed),
            compensationTimeout: run.compensationTimeout)
        let shared = RunScope(
            id: run.id, of: workflow.identity, input: RunInput(run.input), store: run.ownStore, resources: resources, runtime: runtime,
            control: control, inbox: run.inbox, limits: limits, canBeLeft: run.control != nil || run.timeout != nil)
        self.init(shared, of: workflow, isInstrumented: runtime.isInstrumented)
    }

    /// The driver of a run with nothing around its states: it is not limited or measured, and only its caller can stop it.
    @inlinable init(
        plain id: RunID, input: RunInput<State.Input>, of workflow: WorkflowDefinition<State>, in runtime: WorkflowRuntime
    ) {
        // What must not be cut short needs a control, which keeps a cancellation back.
        let control = workflow.hasCompensations ? RunControl() : nil
        self.init(
            RunScope(id: id, of: workflow.identity, input: input, resources: workflow.resources, runtime: runtime, control: control),
            of: workflow, isInstrumented: false)
    }

    @inlinable init(_ run: RunScope, of workflow: WorkflowDefinition<State>, isInstrumented: Bool) {
        self.workflow = workflow
        core = DriverCore(run, isInstrumented: isInstrumented)
    }

    /// The driver of a run of which nothing has happened, for the task that drives it.
    @inlinable init(_ scope: AttemptScope, of workflow: WorkflowDefinition<State>, isInstrumented: Bool) {
        self.workflow = workflow
        core = DriverCore(scope, isInstrumented: isInstrumented)
    }

    /// Runs states from there until one is an exit. A step that could not be committed is done again.
    mutating func runToExit(from anchor: RunAnchor<State>) async throws -> State {
        do { return try await runStates(from: anchor) } catch { return try await redoStep(after: error, inRunFrom: anchor) }
    }

    /// Takes a run with nothing around its states to its end.
    @inlinable @inline(__always) mutating func runToEnd(from first: StateNode<State>) async throws(CanoError) -> State {
        if let control = run.control { return try await runToEnd(from: first, under: control) }
        do {
            return try await runStates(from: first.state, at: first)
        } catch {
            return try await recover(from: error, in: first.state)
        }
    }

    /// Takes a run whose steps can be undone to its end, in a task of its own: only then can its control keep a cancellation back.
    @inlinable @inline(never) func runToEnd(from first: StateNode<State>, under control: RunControl) async throws(CanoError) -> State {
        // The task makes its own driver: to hand one over would count each of its references twice.
        let end = await control.inStoppableTask { [workflow, scope, isInstrumented] () async -> Result<State, CanoError> in
            var driver = RunDriver(scope, of: workflow, isInstrumented: isInstrumented)
            do {
                return .success(try await driver.runStates(from: first.state, at: first))
            } catch {
                return await driver.end(after: error, in: first.state)
            }
        }
        return try end.get()
    }

    /// Goes on after an error of a run with nothing around its states.
    @usableFromInline mutating func recover(from error: any Error, in start: State) async throws(CanoError) -> State {
        // What most runs fail with, and neither a step to be done again nor a log that refuses more.
        if let error = error.asCanoError {
            if isLogging { await RunExecution<State>.releaseLog(of: run.id, in: run.runtime) }
            throw error
        }
        do {
            return try await redoStep(after: error, inRunFrom: .entering(start, after: nil))
        } catch {
            if (error as? LogRefusal)?.isElsewhere != true { await RunExecution<State>.releaseLog(of: run.id, in: run.runtime) }
            throw CanoError(endOfRun: error)
        }
    }

    /// Goes on after an error of a run whose steps can be undone.
    @usableFromInline mutating func end(after error: any Error, in start: State) async -> Result<State, CanoError> {
        // What most runs fail with, compiled for no type of states.
        if let failure = error.asCanoError, handoffReason == nil {
            let unfinished = takeUnfinishedStep()
            switch await core.end(after: failure, within: unfinished, undoers: workflow.undoers) {
            case .failed(let error):
                return .failure(error)
            case .relinquished(let reason):
                return await leave(at: .success(.relinquished(reason)))
            case .waiting(let moment):
                return await leave(at: .success(.waiting(until: moment)))
            }
        }
        let end: RunExecution<State>.End
        if error is StepConflict {
            do {
                return .success(try await redoStep(after: error, inRunFrom: .entering(start, after: nil)))
            } catch {
                end = await self.end(after: error)
            }
        } else {
            end = await self.end(after: error)
        }
        return await leave(at: end)
    }

    private func leave(at end: RunExecution<State>.End) async -> Result<State, CanoError> {
        let left = await RunExecution<State>.leaveLog(of: run.id, at: end, in: run.runtime)
        return Result { () throws(CanoError) in try left.get().exitState() }
    }

    /// Ends a run after an error that is none of a step to be done again.
    mutating func end(after error: any Error) async -> RunExecution<State>.End {
        if let failure = error.asCanoError { return await rollBack(after: failure, isRecorded: false) }
        return switch error {
        case let relinquished as Relinquished: .success(.relinquished(relinquished.reason))
        case let putDown as PutDown: .success(.waiting(until: putDown.until))
        case let refusal as LogRefusal: .failure(refusal.ending)
        default: await rollBack(after: CanoError(error), isRecorded: false)
        }
    }

    /// Does a step again that could not be committed, and goes on to an exit. Any other error is thrown on.
    ///
    /// - Parameters:
    ///   - error: Why it could not.
    ///   - beginning: Where the run began: without a row, it is begun again there.
    /// - Returns: The exit.
    /// - Throws: What the run fails with.
    private mutating func redoStep(after error: any Error, inRunFrom beginning: RunAnchor<State>) async throws -> State {
        var failure = error
        var conflicts = Conflicts()
        while let conflict = failure as? StepConflict {
            let (anchor, visit) = anchor(after: conflict) ?? (beginning, 0)
            path.removeLast(self.visit - visit)
            logged.returnToAnchor()
            self.visit = visit
            await conflicts.pause(beforeRepeating: visit, in: run)
            do { return try await runStates(from: anchor) } catch { failure = error }
        }
        throw failure
    }

    private func anchor(after conflict: StepConflict) -> (anchor: RunAnchor<State>, visit: Int)? {
        guard let place = conflict.place, let node = place.node as? StateNode<State> else {
            return logged.anchor.flatMap { RunAnchor($0) }.map { ($0, logged.visit) }
        }
        return (.revisiting(node), place.visit)
    }

    private mutating func runStates(from anchor: RunAnchor<State>) async throws -> State {
        switch anchor {
        case .entering(let entry):
            // A log says where a step led, and not that its registration allows it.
            if let previous = entry.previous, let declared = previous.leadsTo { try check(entry.state, isIn: declared, after: previous) }
            return try await runLoop(from: entry.state)
        case .revisiting(let node):
            return try await runLoop(from: node.state, isEntered: true)
        }
    }

    /// Enters a state and goes on from there until a state is an exit, in the way the workflow's tasks need.
    @inlinable mutating func runStates(from state: State, at node: StateNode<State>?, isEntered: Bool = false) async throws -> State {
        // One that is only measured takes what it would take otherwise; spans are around attempts of their own.
        guard isInstrumented ? run.canBeLeft && !run.isTraced : workflow.graph.hasTimeouts || !isUnattended else {
            return try await enterStates(from: state, at: node, isEntered: isEntered)
        }
        return try await runInSegments(from: state, at: node, isEntered: isEntered)
    }
}
