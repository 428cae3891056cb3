/// Enters a state and goes on from there until a state is an exit.
///
/// A workflow makes its own where the type of its states is known, so that the compiler makes code for that type: what is generic over the
/// states costs a transition twice as much.
@usableFromInline final class StateLoop<State: WorkflowState>: Sendable {
    let run: @Sendable (inout RunDriver<State>, State, StateNode<State>?, _ isEntered: Bool) async throws -> State

    @usableFromInline init(
        _ run: @escaping @Sendable (inout RunDriver<State>, State, StateNode<State>?, _ isEntered: Bool) async throws -> State
    ) {
        self.run = run
    }
}

extension RunDriver {
    /// Enters a state and goes on from there, in code for the type of the states.
    mutating func runLoop(from state: State, isEntered: Bool = false) async throws -> State {
        // Only the initializers of workflows make loops, each for the states of its own workflow. A checked cast would be paid in every run.
        assert(workflow.loop is StateLoop<State>, "a workflow has the loop of other states")
        let loop = unsafeDowncast(workflow.loop, to: StateLoop<State>.self)
        return try await loop.run(&self, state, workflow.graph.node(of: state), isEntered)
    }
}
