/// Keeps the logs of runs, so that a run can go on in another process.
///
/// One store serves many runs and workflows at the same time. `CheckpointStoreConformance` in `CanoTesting` checks all of
/// what is promised here and by ``CheckpointLog``.
public protocol CheckpointStore: CheckpointLog {
    /// The log of a run, by ascending sequence; empty when the run is unknown.
    ///
    /// A store in which one process at a time owns a run makes the run its caller's with this, until ``release(_:)``.
    ///
    /// - Throws: When there is a row that cannot be read. Leaving one out would make a resumed run forget what it did.
    func rows(of run: RunID) async throws -> [CheckpointRow]

    /// Removes the log of a run and no other; an unknown run is fine.
    func clear(_ run: RunID) async throws

    /// The run is no longer executed here, and did not end in an exit state: it failed, waits, or goes on elsewhere. Its log
    /// may be gone already, after a clean rollback. Not called when the log turned out to be written by another process.
    ///
    /// A store in which one process at a time owns a run lets others have it now. The default does nothing.
    func release(_ run: RunID) async
}

extension CheckpointStore {
    /// Does nothing.
    public func release(_ run: RunID) async {}
}
