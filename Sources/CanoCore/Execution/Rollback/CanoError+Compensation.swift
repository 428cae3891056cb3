extension CanoError {
    /// The error of a run that failed and could not be undone whole: the failure first, then what went wrong undoing it.
    static func compensationFailed(_ failure: CanoError, _ errors: [CanoError]) -> CanoError {
        let whole = [failure] + errors
        var error = CanoError(
            .compensationFailed, failure.message, state: failure.state, task: failure.task, attempt: failure.attempt,
            path: failure.path, isRetryable: false)
        error.bounded = BoundedCauses(whole.flatMap(\.flattened), omitted: whole.reduce(0) { $0 + $1.omittedInFlattened })
        error.rollback = .partial
        return error
    }

    /// What a run inside a task or a compensation could not undo stands in the list itself, where a handler
    /// looks for the steps that are left.
    private var flattened: [CanoError] { isList ? causes.flatMap(\.flattened) : [self] }

    /// How many errors that list lacks.
    private var omittedInFlattened: Int { isList ? causes.reduce(omittedCauses) { $0 + $1.omittedInFlattened } : 0 }

    private var isList: Bool { category == .compensationFailed && !causes.isEmpty }
}
