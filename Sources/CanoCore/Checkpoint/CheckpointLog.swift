/// Where the rows of runs go.
///
/// A host that gives runs their rows itself, with ``Run/Start``, needs no more than this: see
/// ``WorkflowRuntime/checkpointLog``. What logs are resumed from is a ``CheckpointStore``.
///
/// Each step of a run is one call of ``append(_:to:)``. Just before it the run's store is given what the step wrote, with
/// ``RunStore/apply(_:)``: a host whose run store and checkpoint log are one makes both durable in one atomic step.
public protocol CheckpointLog: Sendable {
    /// Adds a row to a run's log, and removes the one it ``CheckpointRow/replaces``. Both are durable when this returns.
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
    /// Yes.
    public func isStillOwner(of run: RunID) async -> Bool { true }
}
