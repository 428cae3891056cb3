/// What a flow runs.
struct FlowDefinition<State: WorkflowState>: Sendable {
    let workflow: Workflow<State>
    let start: State
    let timeout: Duration?
    let compensationTimeout: Duration?
    /// Makes the input of a run from why it began.
    let input: @Sendable (Firing) -> State.Input

    /// Begins a run that was reserved, as a child of the task that triggered it.
    func begin(_ launch: FlowLaunch, input: State.Input?, on scheduler: Scheduler) -> RunHandle<State> {
        RunHandle(launch.id, stoppedBy: launch.control, signalledBy: launch.inbox, Task { await run(launch, input: input, on: scheduler) })
    }

    /// Begins a run that was reserved, as a task of its own: it starts from the end of another run, or a deadline.
    func begin(_ launch: FlowLaunch, on scheduler: Scheduler) {
        Task.detached { _ = await run(launch, input: nil, on: scheduler) }
    }

    private func run(
        _ launch: FlowLaunch, input: State.Input?, on scheduler: Scheduler
    ) async -> Result<RunHandle<State>.End, CanoError> {
        let (input, store) = (input ?? self.input(launch.firing), MemoryStore(boundedBy: .whole))
        let run = Run(
            id: launch.id, start: .fresh(start), input: input, store: store, control: launch.control, timeout: timeout,
            compensationTimeout: compensationTimeout ?? CompensationBudget.half(of: timeout), inbox: launch.inbox)
        let result: Result<RunHandle<State>.End, CanoError>
        do throws(CanoError) {
            let state = try await workflow.drive(run, in: scheduler.runtime).exitState()
            result = .success(try await workflow.end(of: RunResult(runID: launch.id, state: state, input: input, store: store)))
        } catch {
            result = .failure(error)
        }
        scheduler.ended(launch, result.outcome(of: launch.control))
        return result
    }
}

extension Result where Failure == CanoError {
    /// What the end of a run with that control is to its flow. A task that fails with an error of the category `cancelled`, such as that
    /// of another run, has failed like with any other.
    fileprivate func outcome(of control: RunControl) -> ScheduleState.Outcome {
        switch self {
        case .success: .completed
        case .failure(let error) where error.category == .cancelled && control.wasCancelled || error.code == "relinquished": .stopped
        case .failure(let error): .failed(error)
        }
    }
}
