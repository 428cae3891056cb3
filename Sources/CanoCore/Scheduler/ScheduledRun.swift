/// A run that a trigger has begun.
public struct ScheduledRun<State: WorkflowState>: Sendable {
    /// Its id, which no other run has.
    public let id: RunID
    private let control: RunControl
    private let work: Task<Result<State, CanoError>, Never>

    init(id: RunID, control: RunControl, work: Task<Result<State, CanoError>, Never>) {
        self.id = id
        self.control = control
        self.work = work
    }

    /// Waits for its end. Cancelling the caller doesn't end the wait, nor the run.
    ///
    /// - Returns: The exit state.
    /// - Throws: What the run failed with.
    public func end() async throws(CanoError) -> State { try await work.value.get() }

    /// Cancels it: what it has done is undone, and ``end()`` throws ``CanoError/Category/cancelled``. A run that has ended has
    /// ended.
    public func cancel(reason: String? = nil) { control.stop(.cancelled(reason: reason)) }
}
