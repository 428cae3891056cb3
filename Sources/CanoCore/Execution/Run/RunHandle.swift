/// A run that was begun in this process: waits for its end, signals it, and stops it.
public struct RunHandle<State: WorkflowState>: Sendable {
    /// How a run ended that reached an exit state.
    struct End: Sendable {
        let state: State
        let output: State.Output
    }

    /// The run's name.
    public let id: RunID
    private let control: RunControl
    private let inbox: RunInbox
    private let work: Task<Result<End, CanoError>, Never>

    /// The handle of a run that is under way.
    init(_ id: RunID, stoppedBy control: RunControl, signalledBy inbox: RunInbox, _ work: Task<Result<End, CanoError>, Never>) {
        self.id = id
        self.control = control
        self.inbox = inbox
        self.work = work
    }

    /// Begins a run.
    init(_ id: RunID, _ run: @escaping @concurrent @Sendable (RunControl, RunInbox) async throws(CanoError) -> End) {
        let (control, inbox) = (RunControl(), RunInbox())
        self.init(
            id, stoppedBy: control, signalledBy: inbox,
            Task {
                do throws(CanoError) {
                    return .success(try await run(control, inbox))
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

    /// Sends the run a signal. One that comes before the run waits for it is kept until it does, in this process.
    ///
    /// - Parameters:
    ///   - name: What the signal is called.
    ///   - data: What it says.
    ///   - id: What tells it from others; of signals with one id the first counts. By default each is another.
    /// - Throws: ``CanoError/Category/taskExecution`` when the data cannot be encoded; ``CanoError/Category/configuration`` for a name that
    ///   begins with `//`, as those of the answers of workers do.
    public func signal(_ name: String, _ data: some Encodable, id: String = "\(RunID.random())") throws(CanoError) {
        try Leg.check(name)
        inbox.deliver([ReceivedSignal(id: id, name: name, data: try Payload.encode(data))])
    }

    /// Sends the run a signal without data; see ``signal(_:_:id:)``.
    ///
    /// - Throws: ``CanoError/Category/configuration`` for a name that begins with `//`.
    public func signal(_ name: String, id: String = "\(RunID.random())") throws(CanoError) {
        try Leg.check(name)
        inbox.deliver([ReceivedSignal(id: id, name: name, data: Array("null".utf8))])
    }

    /// Stops the run; the first reason counts. A cancelled run is undone; one that is handed back is not, and can be resumed. A run
    /// that has ended has ended.
    public func stop(_ reason: StopReason = .cancelled(reason: nil)) { control.stop(reason) }
}
