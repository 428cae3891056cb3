/// A run of this process: waits for its end, and stops it.
public struct RunHandle<State: WorkflowState>: Sendable {
    /// The run's name.
    public let id: RunID
    private let control: RunControl
    private let work: Task<Result<State.Output, CanoError>, Never>

    init(_ id: RunID, _ run: @escaping @concurrent @Sendable (RunControl) async throws(CanoError) -> State.Output) {
        let control = RunControl()
        self.id = id
        self.control = control
        work = Task {
            do throws(CanoError) {
                return .success(try await run(control))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Waits for the run's end. Cancelling the caller ends neither the wait nor the run.
    ///
    /// - Returns: What the exit state makes of the run.
    /// - Throws: What the run failed with; ``CanoError/Category/cancelled`` with the reason when it was stopped;
    ///   ``CanoError/Category/workflow`` with the code `relinquished` when it was handed back.
    public func output() async throws(CanoError) -> State.Output { try await work.value.get() }

    /// Stops the run; the first reason counts. A cancelled run is undone; one that is handed back is not, and can be resumed. A run
    /// that has ended has ended.
    public func stop(_ reason: StopReason = .cancelled(reason: nil)) { control.stop(reason) }
}
