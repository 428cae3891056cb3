import CanoCore

/// What the engine calls while it runs a workflow for a host: where rows, writes and events go.
struct RunHost: Sendable {
    let run: RunID
    /// Stops the run.
    let control: RunControl
    /// Where its signals come in.
    let inbox: RunInbox
    let log: any CheckpointLog
    /// The run's own store.
    let store: any RunStore
    /// The stores that runs share.
    let sharedStores: any SharedStores
    let observer: any WorkflowObserver
}
