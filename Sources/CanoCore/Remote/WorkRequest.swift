/// What a worker is asked to do: one attempt at a task, at a branch of a split, or at undoing a step, whose work is done elsewhere. It may also ask
/// for a child run, which is no worker's: see ``child``.
///
/// A worker may be given the same request more than once: it hands ``idempotencyKey`` to systems whose effects must not repeat.
public struct WorkRequest: Sendable, Hashable {
    /// The queue that workers take it from, and what is asked of them. Without a name where a child run is asked for.
    public var queue: WorkerQueue
    /// The run.
    public var run: RunID
    /// What the run's workflow is called; empty when it has no name.
    public var workflow: String
    /// The label of the state.
    public var state: String
    /// The name of the task; of a branch with its index, and of one that is to be undone with `undo:` before it.
    public var task: String
    /// The number of the visit.
    public var visit: Int
    /// The index of the branch; `nil` when the work is that of the state.
    public var branch: Int?
    /// Whether what the visit did is to be undone.
    public var isUndo: Bool
    /// The attempt, from 1.
    public var attempt: Int
    /// How many attempts there are at most; `nil` without a limit.
    public var attempts: Int?
    /// The same for all attempts of the visit, of the branch, or at undoing the visit's work: see ``TaskContext/idempotencyKey``.
    public var idempotencyKey: String
    /// What the work is done with, as JSON text.
    public var input: [UInt8]
    /// When the attempt's time is over, in milliseconds since 1970: an answer is of no use then. A host that hands the work out is told; `nil` where
    /// that is never.
    public var until: Int64?
    /// The child run that does the work, with ``input`` as its own; `nil` where a worker does it.
    public var child: ChildRequest?

    /// Creates a request.
    public init(
        queue: WorkerQueue, run: RunID, workflow: String = "", state: String, task: String = "", visit: Int = 1, branch: Int? = nil,
        isUndo: Bool = false, attempt: Int = 1, attempts: Int? = nil, idempotencyKey: String = "", input: [UInt8],
        child: ChildRequest? = nil
    ) {
        self.queue = queue
        self.run = run
        self.workflow = workflow
        self.state = state
        self.task = task
        self.visit = visit
        self.branch = branch
        self.isUndo = isUndo
        self.attempt = attempt
        self.attempts = attempts
        self.idempotencyKey = idempotencyKey
        self.input = input
        self.child = child
    }

    /// The name of the signal in which the answer reaches the run: `//<visit>`, in a branch `//<visit>.<branch>`, for undoing
    /// `//<visit>-undo`. All attempts have the same.
    public var leg: String { Leg.name(visit: visit, branch: branch, isUndo: isUndo) }

    /// The same with the moment when the wait for its answer is over.
    func answered(until end: Int64?) -> WorkRequest {
        var request = self
        request.until = end
        return request
    }

    /// What the task is called for workers that are to undo what it did.
    static func undoing(_ task: String) -> String { "undo:\(task)" }
}
