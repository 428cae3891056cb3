import CanoBus

extension Bus {
    /// The identity of a run that this bridge owns, or asks for, in that epoch; or of a schedule.
    func identity(of run: String, workflow: String, version: String, epoch: Int, trace: TraceContext) -> RunIdentity {
        RunIdentity(
            run: run, workflow: workflow, version: version, bridge: bridge, epoch: epoch, source: keys.eventSource(of: workflow),
            trace: trace)
    }
}
