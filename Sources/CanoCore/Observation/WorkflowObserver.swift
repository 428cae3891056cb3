/// Is told what happens in runs, as it happens.
///
/// Called inline, in the order the observers were given, from whatever thread the run is on: it must not block, for a slow
/// observer slows the run. Work that takes time belongs into a buffer of the observer's own.
public protocol WorkflowObserver: Sendable {
    /// Something happened in a run.
    func workflow(_ run: RunID, did event: WorkflowEvent)
}
