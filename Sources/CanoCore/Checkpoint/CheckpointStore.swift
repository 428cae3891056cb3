/// Keeps the logs of runs, so that a run can go on in another process.
///
/// One store serves many runs and workflows at the same time. `CheckpointStoreConformance` in `CanoTesting` checks all of
/// what is promised here.
///
/// Each step of a run is one call of ``append(_:to:)``. Just before it the run's store is given what the step wrote, with
/// ``RunStore/apply(_:)``: a host whose run store and checkpoint store are one makes both durable in one atomic step.
public protocol CheckpointStore: Sendable {
    /// Adds a row to a run's log, and removes the one it ``CheckpointRow/replaces``. Both are durable when this returns.
    ///
    /// The same row again, its ``CheckpointRow/writer`` included, is a success: a caller that doesn't know whether an append
    /// arrived repeats it. Any other row has to follow the last one, else two drives of one run would write one log.
    ///
    /// - Throws: ``Relinquished`` when the run belongs to somebody else now: the engine stops at once, undoes nothing and
    ///   touches the log no more. ``StepConflict`` when a write of the step no longer fits: nothing was written, and the
    ///   engine runs the state again. ``CanoError`` of category ``CanoError/Category/checkpointStore`` when another row has
    ///   that sequence or the log is not where the row follows (``CanoError/init(conflicting:of:)``): somebody else drives
    ///   the run, so it fails here, undoes nothing and leaves the log alone. Another error that says it is not retryable
    ///   fails the run, which is then rolled back. Anything else counts as an outage: the engine repeats the call until it
    ///   is answered or the run is stopped.
    func append(_ row: CheckpointRow, to run: RunID) async throws

    /// The log of a run, by ascending sequence; empty when the run is unknown.
    ///
    /// A store in which a run belongs to one drive at a time makes the run its caller's with this, until ``release(_:)``.
    ///
    /// - Throws: When there is a row that cannot be read. Leaving one out would make a resumed run forget what it did.
    func rows(of run: RunID) async throws -> [CheckpointRow]

    /// Removes the log of a run and no other; an unknown run is fine.
    func clear(_ run: RunID) async throws

    /// Whether the run may go on here. Asked before something is begun that no append directly precedes: another attempt
    /// after a pause, a branch that waited for its turn.
    ///
    /// A store whose runs can change hands waits here while it doesn't know whether the run is still this process's, so that
    /// nothing is done twice at the same time. One without owners needs no answer of its own: the default is yes.
    ///
    /// - Returns: False when somebody else may go on with the run: the drive ends as ``RunOutcome/relinquished(_:)``, with
    ///   ``StopReason/ownershipLost`` unless it was stopped for another reason.
    func mayGoOn(_ run: RunID) async -> Bool

    /// The run is no longer driven here, and did not end in an exit state: it failed, waits, or goes on elsewhere. Its log
    /// may be gone already, after a clean rollback. Not called when the log turned out to be written by somebody else.
    ///
    /// A store in which a run belongs to one drive at a time lets others have it now. The default does nothing.
    func release(_ run: RunID) async
}

extension CheckpointStore {
    /// Yes.
    public func mayGoOn(_ run: RunID) async -> Bool { true }

    /// Does nothing.
    public func release(_ run: RunID) async {}
}
