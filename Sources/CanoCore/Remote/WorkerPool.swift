/// Does the work that tasks ask for, in runs whose host hands nothing out.
///
/// See ``LocalWorkers`` for one that is made of closures, and ``WorkflowRuntime/workers`` for where it is set.
public protocol WorkerPool: Sendable {
    /// Does one attempt's work.
    ///
    /// It is cancelled when its answer is no longer waited for: the attempt's time is over, or the run ends or goes on elsewhere.
    ///
    /// - Parameter request: The work.
    /// - Returns: What came of it.
    /// - Throws: Anything; the attempt has then failed, as with a ``WorkFailure`` that says the same.
    @concurrent func perform(_ request: WorkRequest) async throws -> WorkAnswer
}
