/// Keeps the logs of runs, so that a run can go on in another process.
///
/// One store serves many runs and workflows at the same time. `CheckpointStoreConformance` in `CanoTesting` checks all of
/// what is promised here.
public protocol CheckpointStore: Sendable {
    /// Adds a row to a run's log. The row is durable when this returns.
    ///
    /// The same row again, by the same owner, is a success: a caller that doesn't know whether an append arrived repeats it.
    ///
    /// - Throws: ``Relinquished`` when the run belongs to somebody else now: the engine stops at once. ``CanoError`` of
    ///   category ``CanoError/Category/checkpointStore`` when another row has that sequence: the run fails. Anything else
    ///   counts as an outage and the engine repeats the call.
    func append(_ row: CheckpointRow, to run: RunID) async throws

    /// The log of a run, by ascending sequence; empty when the run is unknown.
    func rows(of run: RunID) async throws -> [CheckpointRow]

    /// Removes the log of a run and no other; an unknown run is fine.
    func clear(_ run: RunID) async throws
}
