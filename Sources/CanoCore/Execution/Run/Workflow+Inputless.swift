extension Workflow where State.Input == Void {
    /// Runs the graph from a state to one of its exit states.
    @inlinable @concurrent package func orchestrate(
        from start: State, as run: RunID = .random(), store: (any RunStore)? = nil,
        timeout: Duration? = nil, compensationTimeout: Duration? = nil, in runtime: WorkflowRuntime = .standard
    ) async throws(CanoError) -> State {
        try await orchestrate(
            from: start, as: run, input: (), store: store, timeout: timeout, compensationTimeout: compensationTimeout, in: runtime)
    }

    /// Continues a run from its log, to its exit state.
    @concurrent package func orchestrate(
        resuming run: RunID, store: (any RunStore)? = nil, timeout: Duration? = nil, compensationTimeout: Duration? = nil,
        in runtime: WorkflowRuntime
    ) async throws(CanoError) -> State {
        try await orchestrate(
            resuming: run, input: (), store: store, timeout: timeout, compensationTimeout: compensationTimeout, in: runtime)
    }
}

extension Run where State.Input == Void {
    /// Creates a run without an input; see the other initializer.
    public init(
        id: RunID, start: Start, store: (any RunStore)? = nil, control: RunControl? = nil, timeout: Duration? = nil,
        elapsed: Duration = .zero, compensationTimeout: Duration? = nil, inbox: RunInbox? = nil
    ) {
        self.init(
            id: id, start: start, input: (), store: store, control: control, timeout: timeout, elapsed: elapsed,
            compensationTimeout: compensationTimeout, inbox: inbox)
    }
}
