/// When a flow is due, and what becomes of due times at which it cannot run.
public struct Schedule: Sendable, Hashable {
    /// What makes it due.
    public var timing: Timing
    /// Each due time is put off by a random time up to this (at most a century), so that many flows don't begin in the same second.
    public var jitter: Duration
    /// What becomes of due times that were missed.
    public var catchUp: CatchUpPolicy
    /// What happens when it is due while a run of it goes on.
    public var overlap: OverlapPolicy
    /// How late a run may begin. Later than this its due time was missed, and ``catchUp`` says what becomes of it.
    public var lateness: Duration
    /// The last due time that needs no run any more, in milliseconds since 1970: what was due since is caught up with.
    /// `nil` looks only ahead. Not used by timings that count from the start of the scheduler.
    public var lastDue: Int64?

    /// Creates a schedule; by default without jitter, overlaps or catching up.
    public init(
        _ timing: Timing, jitter: Duration = .zero, catchUp: CatchUpPolicy = .skip, overlap: OverlapPolicy = .skip,
        lateness: Duration = .seconds(60), lastDue: Int64? = nil
    ) {
        self.timing = timing
        self.jitter = jitter
        self.catchUp = catchUp
        self.overlap = overlap
        self.lateness = lateness
        self.lastDue = lastDue
    }
}
