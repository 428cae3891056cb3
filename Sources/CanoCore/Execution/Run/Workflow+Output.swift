extension RunDriver {
    /// What the exit state makes of a run with nothing around its states.
    @usableFromInline func output(at end: State) async throws(CanoError) -> State.Output {
        try await Workflow(workflow).output(of: RunResult(runID: run.id, state: end, input: run.input(of: State.self), store: run.store))
    }
}

extension Workflow {
    /// For hosts: makes the output of a run that has reached an exit state.
    ///
    /// - Throws: ``CanoError`` with the exit state as its place when the workflow's own code throws.
    @concurrent package func output(of result: RunResult<State>) async throws(CanoError) -> State.Output {
        guard let makeOutput = node(of: result.state)?.output else { return try nothing(at: result.state) }
        do {
            return try await makeOutput(result)
        } catch {
            let cause = CanoError(error)
            throw CanoError(
                .taskExecution, "The run reached its exit state, but its output could not be made: \(cause.message)", code: cause.code,
                state: result.state.label, isRetryable: cause.isRetryable, underlying: error)
        }
    }

    /// The output of an exit state that makes none.
    fileprivate func nothing(at exit: State) throws(CanoError) -> State.Output {
        if let nothing = () as? State.Output { return nothing }
        throw CanoError(
            .configuration, "the exit state \"\(exit.label)\" makes no output: give the workflow a handler for it", state: exit.label)
    }
}
