extension Scheduler {
    /// Registers a flow: a workflow, and when it is due.
    ///
    /// - Parameters:
    ///   - workflow: What it runs.
    ///   - name: Its name, a label of metrics too; `nil` for the workflow's.
    ///   - schedule: When it is due.
    ///   - backoff: How long it rests after a failed run.
    ///   - timeout: How long a run may take.
    ///   - input: Makes the input of a run from why it began.
    /// - Returns: The flow, to trigger it.
    /// - Throws: ``CanoError/Category/configuration`` for a name that is taken, an interval that is not between a millisecond and a
    ///   century, a one-shot outside 1970–2100, or a scheduler that has been started.
    @discardableResult
    public func schedule<State: WorkflowState>(
        _ workflow: Workflow<State>, as name: String? = nil, _ schedule: Schedule, backoff: BackoffPolicy = BackoffPolicy(),
        timeout: Duration? = nil, input: @escaping @Sendable (Firing) -> State.Input
    ) throws(CanoError) -> ScheduledFlow<State> {
        try self.schedule(
            name ?? workflow.name, workflow, from: try workflow.start, schedule, backoff: backoff, timeout: timeout,
            compensationTimeout: workflow.compensationTimeout, input: input)
    }

    /// Registers a flow whose runs take no input; see the first overload.
    @discardableResult
    public func schedule<State: WorkflowState>(
        _ workflow: Workflow<State>, as name: String? = nil, _ schedule: Schedule, backoff: BackoffPolicy = BackoffPolicy(),
        timeout: Duration? = nil
    ) throws(CanoError) -> ScheduledFlow<State> where State.Input == Void {
        try self.schedule(workflow, as: name, schedule, backoff: backoff, timeout: timeout) { _ in }
    }

    /// Registers a flow whose runs are started with why they began; see the first overload.
    @discardableResult
    public func schedule<State: WorkflowState>(
        _ workflow: Workflow<State>, as name: String? = nil, _ schedule: Schedule, backoff: BackoffPolicy = BackoffPolicy(),
        timeout: Duration? = nil
    ) throws(CanoError) -> ScheduledFlow<State> where State.Input == Firing {
        try self.schedule(workflow, as: name, schedule, backoff: backoff, timeout: timeout) { $0 }
    }

    /// Registers a flow that begins in a state of a graph.
    @discardableResult
    package func schedule<State: WorkflowState>(
        _ name: String, _ workflow: Workflow<State>, from start: State, _ schedule: Schedule,
        backoff: BackoffPolicy = BackoffPolicy(), timeout: Duration? = nil, compensationTimeout: Duration? = nil,
        input: @escaping @Sendable (Firing) -> State.Input
    ) throws(CanoError) -> ScheduledFlow<State> {
        if let problem = schedule.timing.problem { throw CanoError(.configuration, "flow \"\(name)\": \(problem)") }
        let definition = FlowDefinition(
            workflow: workflow, start: start, timeout: timeout, compensationTimeout: compensationTimeout, input: input)
        try add(RegisteredFlow(name: name, schedule: schedule, backoff: backoff, definition: definition))
        return ScheduledFlow(name: name, scheduler: self, definition: definition)
    }

    /// Registers a flow of a graph whose runs take no input.
    @discardableResult
    package func schedule<State: WorkflowState>(
        _ name: String, _ workflow: Workflow<State>, from start: State, _ schedule: Schedule,
        backoff: BackoffPolicy = BackoffPolicy(), timeout: Duration? = nil, compensationTimeout: Duration? = nil
    ) throws(CanoError) -> ScheduledFlow<State> where State.Input == Void {
        try self.schedule(
            name, workflow, from: start, schedule, backoff: backoff, timeout: timeout, compensationTimeout: compensationTimeout
        ) { _ in }
    }

    /// Registers a flow of a graph whose runs are started with why they began.
    @discardableResult
    package func schedule<State: WorkflowState>(
        _ name: String, _ workflow: Workflow<State>, from start: State, _ schedule: Schedule,
        backoff: BackoffPolicy = BackoffPolicy(), timeout: Duration? = nil, compensationTimeout: Duration? = nil
    ) throws(CanoError) -> ScheduledFlow<State> where State.Input == Firing {
        try self.schedule(
            name, workflow, from: start, schedule, backoff: backoff, timeout: timeout, compensationTimeout: compensationTimeout
        ) { $0 }
    }
}
