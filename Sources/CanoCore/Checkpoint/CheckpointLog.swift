/// Where the rows of runs go.
///
/// A host that gives runs their rows itself, with ``Run/Start``, needs no more than this: see
/// ``WorkflowRuntime/checkpointLog``. What logs are resumed from is a ``CheckpointStore``.
///
/// Each step of a run is one call of ``append(_:to:)``. Just before it the run's store is given what the step wrote, with
/// ``RunStore/apply(_:)``: a host whose run store and checkpoint log are one makes both durable in one atomic step.
public protocol CheckpointLog: Sendable {
    /// Adds a row to a run's log, and removes those it ``CheckpointRow/replaces``. Both are durable when this returns.
    ///
    /// The same row again, its ``CheckpointRow/writer`` included, is a success: a caller that doesn't know whether an append
    /// arrived repeats it. Any other row has to follow the last one, else two executions of one run would write one log.
    ///
    /// - Throws: ``Relinquished`` when the run belongs to another process now: the engine stops at once, undoes nothing and
    ///   touches the log no more. ``StepConflict`` when a write of the step no longer fits: nothing was written, and the
    ///   engine runs the state again. ``CanoError`` of category ``CanoError/Category/checkpointStore`` when another row has
    ///   that sequence or the log is not where the row follows (``CanoError/init(conflicting:of:)``): the run is executed
    ///   elsewhere, too, so it fails here, undoes nothing and leaves the log alone. Another error that says it is not
    ///   retryable fails the run, which is then rolled back. Anything else counts as an outage: the engine repeats the call
    ///   until it is answered or the run is stopped. A row given up on for a stop comes again before the next one.
    func append(_ row: CheckpointRow, to run: RunID) async throws

    /// Adds rows as ``append(_:to:)`` does, one behind the other: all or none where the log can. The default appends one by one.
    func append(contentsOf rows: [CheckpointRow], to run: RunID) async throws

    /// Adds the row with which a run begins to wait, as ``append(_:to:)`` does, and says where it waits.
    ///
    /// A host that wakes runs itself puts the run down: it costs nothing until it is woken. It resumes the run from its log when the time of
    /// the wait has come or what came is enough (``RunWait/isMet(by:)``), with the signals in its ``Run/inbox``. By default the run waits in
    /// this process.
    ///
    /// - Throws: What ``append(_:to:)`` throws.
    func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning

    /// Called once ``beginWaiting(_:with:of:)`` has put a run down. A host may keep what the run has in this process for a moment, and have it
    /// go on from there when it is woken soon: that spares resuming it from its log. Meanwhile the run is no process's. By default nothing is
    /// kept.
    ///
    /// - Returns: The signals with which the run goes on here, its process's again; `nil` when it ends here as ``RunOutcome/waiting(until:)``,
    ///   as it does at once when the task is cancelled.
    /// - Throws: What ``append(_:to:)`` throws.
    func untilWokenHere(_ run: RunID) async throws -> [ReceivedSignal]?

    /// Whether the host hands the ``CheckpointRow/request`` of a row out to workers elsewhere, together with the row, and brings their answers
    /// as signals: see ``WorkAnswer``. The engine then only waits. By default it does not, and ``WorkflowRuntime/workers`` do the work.
    ///
    /// A request is for one attempt: one of the same visit and branch takes the place of the one before. Until the visit is over an answer
    /// still counts that says that the work is done, whichever attempt it is about; of failures only that of the present attempt does.
    var handsOut: Bool { get }

    /// Whether what was handed out for a part of a run is still to be answered; asked when the run goes on from its log, for what its rows say
    /// was. It is not after the run had ended, for instance, and then the work is asked for again. By default it is.
    ///
    /// - Parameters:
    ///   - leg: What the answer is called; see ``WorkRequest/leg``.
    ///   - run: The run.
    /// - Returns: False when no answer will come.
    func isHandedOut(_ leg: String, of run: RunID) -> Bool

    /// Whether this process still owns the run. Asked before something is begun that no append directly precedes: another
    /// attempt after a pause, a branch that waited for its turn.
    ///
    /// A log whose runs can change hands waits here while it doesn't know whether the run is still this process's, so that
    /// nothing is done twice at the same time. One without owners needs no answer of its own: the default is yes.
    ///
    /// - Returns: False when another process may continue the run: it ends here as ``RunOutcome/relinquished(_:)``, with
    ///   ``StopReason/ownershipLost`` unless it was stopped for another reason.
    func isStillOwner(of run: RunID) async -> Bool
}

extension CheckpointLog {
    /// Appends one row after the other.
    public func append(contentsOf rows: [CheckpointRow], to run: RunID) async throws {
        for row in rows { try await append(row, to: run) }
    }

    /// Appends the row; the run waits in this process.
    public func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning {
        try await append(row, to: run)
        return .here
    }

    /// Keeps nothing.
    public func untilWokenHere(_ run: RunID) async throws -> [ReceivedSignal]? { nil }

    /// No.
    public var handsOut: Bool { false }

    /// Yes.
    public func isHandedOut(_ leg: String, of run: RunID) -> Bool { true }

    /// Yes.
    public func isStillOwner(of run: RunID) async -> Bool { true }
}
