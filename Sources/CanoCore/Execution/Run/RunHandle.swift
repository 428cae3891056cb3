/// A run that was begun in this process: waits for its end, and stops it.
public struct RunHandle<State: WorkflowState>: Sendable {
    /// How a run ended that reached an exit state.
    struct End: Sendable {
        let state: State
        let output: State.Output
    }

    /// The run's name.
    public let id: RunID
    private let control: RunControl
    private let work: Task<Result<End, CanoError>, Never>

    /// The handle of a run that is under way.
    init(_ id: RunID, stoppedBy control: RunControl, _ work: Task<Result<End, CanoError>, Never>) {
        self.id = id
        self.control = control
        self.work = work
    }

    /// Begins a run.
    init(_ id: RunID, _ run: @escaping @concurrent @Sendable (RunControl) async throws(CanoError) -> End) {
        let control = RunControl()
        self.init(
            id, stoppedBy: control,
            Task {
                do throws(CanoError) {
                    return .success(try await run(control))
                } catch {
                    return .failure(error)
                }
            })
    }

    /// Waits for the run's end. Cancelling the caller ends neither the wait nor the run.
    ///
    /// - Returns: What the exit state makes of the run.
    /// - Throws: What the run failed with; ``CanoError/Category/cancelled`` with the reason when it was stopped;
    ///   ``CanoError/Category/workflow`` with the code `relinquished` when it was handed back.
    public func output() async throws(CanoError) -> State.Output { try await work.value.get().output }

    /// Waits for the run's end, as ``output()`` does.
    ///
    /// - Returns: The exit state it reached.
    /// - Throws: What ``output()`` throws.
    public func exitState() async throws(CanoError) -> State { try await work.value.get().state }

    /// Stops the run; the first reason counts. A cancelled run is undone; one that is handed back is not, and can be resumed. A run
    /// that has ended has ended.
    public func stop(_ reason: StopReason = .cancelled(reason: nil)) { control.stop(reason) }
}
