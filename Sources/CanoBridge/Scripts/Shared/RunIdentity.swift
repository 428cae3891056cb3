import CanoBus

/// What stays the same for as long as one bridge owns a run, and stands on all its events. Made once for all its scripts.
final class RunIdentity: Sendable {
    let run: String
    let workflow: String
    let version: String
    /// The bridge that owns the run, and the number of its ownership: together they are the run's fence.
    let bridge: String
    let epoch: Int
    /// The `source` of its events.
    let source: String
    let trace: TraceContext

    init(run: String, workflow: String, version: String, bridge: String, epoch: Int, source: String, trace: TraceContext) {
        self.run = run
        self.workflow = workflow
        self.version = version
        self.bridge = bridge
        self.epoch = epoch
        self.source = source
        self.trace = trace
    }
}
