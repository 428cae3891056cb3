import CanoBus

/// What stays the same for as long as one bridge owns a run, and stands on all its events.
struct RunIdentity: Sendable, Hashable {
    let run: String
    let workflow: String
    let version: String
    /// The bridge that owns the run, and the number of its ownership: together they are the run's fence.
    let bridge: String
    let epoch: Int
    /// The `source` of its events.
    let source: String
    let trace: TraceContext
}
