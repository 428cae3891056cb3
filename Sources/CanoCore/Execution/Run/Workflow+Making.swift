/// Making workflows, which compiles what takes their runs from state to state.
extension Workflow {
    /// Creates a workflow from what it does in each state.
    ///
    /// - Parameters:
    ///   - name: What commands, schedules and events call it: 1 to 100 characters of `A-Za-z0-9._-` where it is to run on a bus.
    ///   - version: What runs are bound to, from the same alphabet: change it when a run that is under way could not go on with the
    ///     new definition.
    ///   - start: The state runs begin in.
    ///   - resources: What its tasks share, reached through ``TaskContext``.
    ///   - compensationTimeout: How long the compensations of a failed run may take in all; what is left then is not undone. `nil` for as
    ///     long as they want on a bus, and in memory for half of the run's time limit, 30 s at most, where the run has one.
    ///   - handler: What the workflow does in a state; called once for each.
    @inlinable public init(
        _ name: String, version: String = "1", startingAt start: State, resources: Resources = Resources(),
        compensationTimeout: Duration? = nil, handler: (State) -> StateHandler<State>
    ) where State: CaseIterable {
        self.init(
            name, version: version, startingAt: start, states: State.allCases, resources: resources,
            compensationTimeout: compensationTimeout,
            handler: handler)
    }

    /// Creates a workflow whose states are no enum: they are given, all of them. See the other initializer for the rest.
    @inlinable public init(
        _ name: String, version: String = "1", startingAt start: State, states: some Sequence<State>, resources: Resources = Resources(),
        compensationTimeout: Duration? = nil, handler: (State) -> StateHandler<State>
    ) {
        self.init(
            name, version: version, startingAt: start, states: Array(states), resources: resources,
            compensationTimeout: compensationTimeout, loop: StateLoop<State> { try await $0.runStates(from: $1, at: $2, isEntered: $3) },
            handler: handler)
    }

    /// Creates a graph without states or a name, for tests of the engine that build it step by step.
    package init(of _: State.Type = State.self, resources: Resources = Resources()) {
        self.init(
            WorkflowDefinition(
                graph: StateGraph(), resources: resources,
                loop: StateLoop<State> { try await $0.runStates(from: $1, at: $2, isEntered: $3) }))
    }
}
