extension Workflow {
    /// Runs the workflow from its first state to one of its exit states.
    ///
    /// Sets the resources up when no other run has, and tears them down after the last.
    ///
    /// - Parameters:
    ///   - input: What tasks read as ``TaskContext/input``.
    ///   - id: The run's name; checkpoints are kept under it.
    ///   - store: The run's store; `nil` for one in memory that ends with the run.
    ///   - timeout: How long the run may take once the resources are up.
    ///   - runtime: Clock, checkpoints, observers.
    /// - Returns: What the exit state makes of the run.
    /// - Throws: ``CanoError`` with state, attempt and path; ``CanoError/Category/configuration`` before anything ran;
    ///   ``CanoError/Category/cancelled`` when the calling task was cancelled; ``CanoError/Category/compensationFailed`` when
    ///   the run failed and could not be undone whole.
    @inlinable @concurrent public func run(
        _ input: State.Input, as id: RunID = .random(), store: (any RunStore)? = nil, timeout: Duration? = nil,
        in runtime: WorkflowRuntime = .standard
    ) async throws(CanoError) -> State.Output {
        try await run(with: RunInput(input), as: id, store: store, timeout: timeout, in: runtime)
    }

    @inlinable func run(
        with input: RunInput<State.Input>, as id: RunID, store: (any RunStore)?, timeout: Duration?, in runtime: WorkflowRuntime
    ) async throws(CanoError) -> State.Output {
        try validate()
        let first = try first
        guard store == nil, isPlain(timeout, runtime) else {
            return try await run(first.state, input.value, as: id, store: store, timeout: timeout, in: runtime)
        }
        var driver = RunDriver<State>(plain: id, input: input, of: definition, in: runtime)
        let end = try await driver.runToEnd(from: first)
        return try await driver.output(at: end)
    }

    /// Begins a run and answers at once.
    ///
    /// The run goes on when the handle is dropped, and when the calling task is cancelled: stop it with the handle. See
    /// ``run(_:as:store:timeout:in:)->_`` for the parameters.
    ///
    /// - Returns: What waits for the run's end, and stops it.
    public func start(
        _ input: State.Input, as id: RunID = .random(), store: (any RunStore)? = nil, timeout: Duration? = nil,
        in runtime: WorkflowRuntime = .standard
    ) -> RunHandle<State> {
        RunHandle(id) { control, inbox throws(CanoError) in
            try validate()
            return try await end(
                from: try first.state, input, as: id, store: store, timeout: timeout, under: control, inbox, in: runtime)
        }
    }

    /// Continues a run from its log, in the visit it was in.
    ///
    /// The task of that visit runs again: see ``TaskContext/idempotencyKey``. A saga step that had finished does not, and a run that was
    /// being rolled back goes on being rolled back.
    ///
    /// - Parameters:
    ///   - id: The run's name.
    ///   - input: What it was started with; the log doesn't hold it.
    ///   - store: The run's store; the log doesn't hold that either.
    ///   - timeout: How long the run may take from here.
    ///   - runtime: Clock, checkpoints, observers.
    /// - Returns: What the exit state makes of the run.
    /// - Throws: ``CanoError/Category/configuration`` without a checkpoint store, ``CanoError/Category/checkpointStore`` for an
    ///   unknown run, ``CanoError/Category/workflowVersionMismatch``, ``CanoError/Category/workflow`` when the log names a state
    ///   this workflow doesn't have, ``CanoError/Category/orphanedCompensation`` when it has no task to undo a step of the log;
    ///   then as ``run(_:as:store:timeout:in:)->_``. A rollback ends with the error that began it.
    @concurrent public func resume(
        _ id: RunID, input: State.Input, store: (any RunStore)? = nil, timeout: Duration? = nil, in runtime: WorkflowRuntime
    ) async throws(CanoError) -> State.Output {
        try await end(resuming: id, input, store: store, timeout: timeout, under: nil, nil, in: runtime).output
    }

    /// Continues a run from its log and answers at once; see ``resume(_:input:store:timeout:in:)``.
    ///
    /// - Returns: What waits for the run's end, and stops it.
    public func startResuming(
        _ id: RunID, input: State.Input, store: (any RunStore)? = nil, timeout: Duration? = nil, in runtime: WorkflowRuntime
    ) -> RunHandle<State> {
        RunHandle(id) { control, inbox throws(CanoError) in
            try await end(resuming: id, input, store: store, timeout: timeout, under: control, inbox, in: runtime)
        }
    }

    @usableFromInline func run(
        _ start: State, _ input: State.Input, as id: RunID, store: (any RunStore)?, timeout: Duration?, in runtime: WorkflowRuntime
    ) async throws(CanoError) -> State.Output {
        try await end(from: start, input, as: id, store: store, timeout: timeout, under: nil, nil, in: runtime).output
    }

    private func end(
        from start: State, _ input: State.Input, as id: RunID, store: (any RunStore)?, timeout: Duration?, under control: RunControl?,
        _ inbox: RunInbox?, in runtime: WorkflowRuntime
    ) async throws(CanoError) -> RunHandle<State>.End {
        let store = store ?? MemoryStore(boundedBy: .whole)
        let state = try await complete(
            Run(
                id: id, start: .fresh(start), input: input, store: store, control: control, timeout: timeout,
                compensationTimeout: compensationTimeout ?? CompensationBudget.half(of: timeout), inbox: inbox), in: runtime)
        return try await end(of: RunResult(runID: id, state: state, input: input, store: store))
    }

    private func end(
        resuming id: RunID, _ input: State.Input, store: (any RunStore)?, timeout: Duration?, under control: RunControl?,
        _ inbox: RunInbox?, in runtime: WorkflowRuntime
    ) async throws(CanoError) -> RunHandle<State>.End {
        let store = store ?? MemoryStore(boundedBy: .whole)
        let state = try await orchestrate(
            resuming: id, input: input, store: store, timeout: timeout, compensationTimeout: compensationTimeout, under: control,
            signalledBy: inbox, in: runtime)
        return try await end(of: RunResult(runID: id, state: state, input: input, store: store))
    }

    /// The end of a run that has reached an exit state.
    func end(of result: RunResult<State>) async throws(CanoError) -> RunHandle<State>.End {
        RunHandle.End(state: result.state, output: try await output(of: result))
    }

    /// The state runs begin in.
    ///
    /// - Throws: ``CanoError/Category/configuration`` when no task is registered for it.
    package var start: State { get throws(CanoError) { try first.state } }

    @inlinable var first: StateNode<State> {
        get throws(CanoError) {
            guard let first = definition.first else { throw withoutStart }
            return first
        }
    }

    @usableFromInline var withoutStart: CanoError {
        definition.start.map { unknown($0) }
            ?? CanoError(.configuration, "this workflow names no first state: say where the run is to begin")
    }
}

extension Workflow where State.Output == Void {
    /// Runs the workflow from its first state to one of its exit states; see ``run(_:as:store:timeout:in:)->_``.
    @inlinable @concurrent public func run(
        _ input: State.Input, as id: RunID = .random(), store: (any RunStore)? = nil, timeout: Duration? = nil,
        in runtime: WorkflowRuntime = .standard
    ) async throws(CanoError) {
        try await run(with: RunInput(input), as: id, store: store, timeout: timeout, in: runtime)
    }

    @inlinable func run(
        with input: RunInput<State.Input>, as id: RunID, store: (any RunStore)?, timeout: Duration?, in runtime: WorkflowRuntime
    ) async throws(CanoError) {
        try validate()
        let first = try first
        guard store == nil, !definition.graph.makesOutputs, isPlain(timeout, runtime) else {
            return try await run(first.state, input.value, as: id, store: store, timeout: timeout, in: runtime)
        }
        var driver = RunDriver<State>(plain: id, input: input, of: definition, in: runtime)
        _ = try await driver.runToEnd(from: first)
    }
}

extension Workflow where State.Input == Void, State.Output == Void {
    /// Runs the workflow from its first state to one of its exit states; see ``run(_:as:store:timeout:in:)->_``.
    @inlinable @concurrent public func run(
        as id: RunID = .random(), store: (any RunStore)? = nil, timeout: Duration? = nil, in runtime: WorkflowRuntime = .standard
    ) async throws(CanoError) {
        try await run(with: noInput, as: id, store: store, timeout: timeout, in: runtime)
    }
}

extension Workflow where State.Input == Void {
    /// Runs the workflow from its first state to one of its exit states; see ``run(_:as:store:timeout:in:)->_``.
    @inlinable @concurrent public func run(
        as id: RunID = .random(), store: (any RunStore)? = nil, timeout: Duration? = nil, in runtime: WorkflowRuntime = .standard
    ) async throws(CanoError) -> State.Output {
        try await run(with: noInput, as: id, store: store, timeout: timeout, in: runtime)
    }

    /// Begins a run and answers at once; see ``start(_:as:store:timeout:in:)``.
    public func start(
        as id: RunID = .random(), store: (any RunStore)? = nil, timeout: Duration? = nil, in runtime: WorkflowRuntime = .standard
    ) -> RunHandle<State> {
        start((), as: id, store: store, timeout: timeout, in: runtime)
    }

    /// Continues a run from its log; see ``resume(_:input:store:timeout:in:)``.
    @concurrent public func resume(
        _ id: RunID, store: (any RunStore)? = nil, timeout: Duration? = nil, in runtime: WorkflowRuntime
    ) async throws(CanoError) -> State.Output {
        try await resume(id, input: (), store: store, timeout: timeout, in: runtime)
    }
}
