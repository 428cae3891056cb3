/// A part of a list of runs.
public struct RunPage: Sendable, Hashable {
    /// The runs that are meant; none twice. There may be none although more follow.
    public let runs: [ListedRun]
    /// Where the list goes on; nil at its end.
    public let next: RunCursor?
}
