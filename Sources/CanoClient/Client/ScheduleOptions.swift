public import CanoBus

/// What a schedule may say besides what it starts and when.
public struct ScheduleOptions: Sendable, Hashable {
    /// Each run begins later than it is due by a random time up to this.
    public var jitter: Duration
    /// What becomes of due times that were missed, by a minute or more.
    public var catchUp: ScheduleCatchUp
    /// What happens when it is due while its last run is not over.
    public var overlap: ScheduleOverlap
    /// Where the ends of its runs are announced: a name, read from the stream `P:replies:<name>`.
    public var replyName: String?
    /// What its runs can be found by.
    public var attributes: RunAttributes

    /// Creates options; by default due times are neither put off, caught up with, nor run beside each other.
    public init(
        jitter: Duration = .zero, catchUp: ScheduleCatchUp = .skip, overlap: ScheduleOverlap = .skip, replyName: String? = nil,
        attributes: RunAttributes = .empty
    ) {
        self.jitter = jitter
        self.catchUp = catchUp
        self.overlap = overlap
        self.replyName = replyName
        self.attributes = attributes
    }
}
