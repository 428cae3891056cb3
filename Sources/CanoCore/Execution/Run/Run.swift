/// One run of a workflow: all that belongs to the run and not to the workflow.
public struct Run<State: WorkflowState>: Sendable {
    /// The run's name.
    public var id: RunID
    /// Where it begins.
    public var start: Start
    /// What tasks read with ``TaskContext/input``.
    public var input: State.Input
    /// Stops the run; `nil` when only cancelling the calling task does.
    public var control: RunControl?
    /// How long the run may take from here; `nil` for as long as it wants.
    public var timeout: Duration?
    /// How long it has been under way before, by what its time is measured with: of a run that its timeout ends, the error says so.
    public var elapsed: Duration
    /// How long the run's compensations may take in all; what is left then is not undone. Time in which the log is away does not count.
    /// `nil` for as long as they want.
    public var compensationTimeout: Duration?
    /// Where signals reach the run; `nil` when none can. A host delivers those that are there before it drives the run.
    public var inbox: RunInbox?
    let ownStore: (any RunStore)?

    /// Where a run begins.
    public enum Start: Sendable {
        /// At this state, with an empty log.
        case fresh(State)
        /// At the state of this row, which the host has written itself as the first one of the log. The run is as fresh as
        /// any: the engine enters the state and says so, and only writes no row of its own for it.
        case accepted(first: CheckpointRow)
        /// Where these rows, its whole log, left off.
        case resumed(rows: [CheckpointRow])
    }

    /// Creates a run.
    ///
    /// - Parameters:
    ///   - id: The run's name.
    ///   - start: Where it begins.
    ///   - input: What tasks read as their input.
    ///   - store: The run's store; `nil` for one in memory that ends with the run.
    ///   - control: Stops the run; `nil` when only cancelling the calling task does.
    ///   - timeout: How long the run may take from when it is executed.
    ///   - elapsed: How long it has been under way before.
    ///   - compensationTimeout: How long undoing it may take.
    ///   - inbox: Where signals reach it; `nil` when none can.
    public init(
        id: RunID, start: Start, input: State.Input, store: (any RunStore)? = nil, control: RunControl? = nil,
        timeout: Duration? = nil, elapsed: Duration = .zero, compensationTimeout: Duration? = nil, inbox: RunInbox? = nil
    ) {
        self.id = id
        self.start = start
        self.input = input
        self.control = control
        self.timeout = timeout
        self.elapsed = elapsed
        self.compensationTimeout = compensationTimeout
        self.inbox = inbox
        ownStore = store
    }
}
