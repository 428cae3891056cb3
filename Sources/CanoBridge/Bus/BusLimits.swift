/// How long and how much the bus keeps.
public struct BusLimits: Sendable, Hashable {
    /// How long a bridge owns a run without renewing; 15 s. Three heartbeats at least.
    public var lease: Duration = .seconds(15)
    /// How often a bridge renews; 5 s.
    public var heartbeat: Duration = .seconds(5)
    /// How long the record of a finished run is kept; 24 h.
    public var retention: Duration = .seconds(86_400)
    /// How long events are kept; 24 h, and never longer than the records.
    public var eventRetention: Duration = .seconds(86_400)
    /// About how many events are kept; 1,000,000.
    public var eventLength = 1_000_000
    /// About how many dead letters are kept; 100,000.
    public var deadLetterLength = 100_000
    /// About how many answers a reply stream keeps; 1,000.
    public var replyLength = 1_000
    /// How long a reply stream lives after its last answer; 24 h.
    public var replyRetention: Duration = .seconds(86_400)
    /// The longest input, in bytes; 256 KiB.
    public var inputBytes = 256 * 1_024

    /// Creates the defaults.
    public init() {}

    /// Longer inputs are left out of `started`.
    static let inlineInputBytes = 4 * 1_024
    /// Longer outputs are left out of `completed`: the record has them.
    static let inlineOutputBytes = 64 * 1_024
    /// Values of a rejected command are cut here.
    static let rejectedValueBytes = 1_024
    /// How long an entry waits for a bridge that has its workflow.
    static let unknownWorkflowPatience: Duration = .seconds(30)
    /// How long events of a state that takes long may wait to be published.
    static let flushInterval: Duration = .milliseconds(100)
    /// How many events may wait.
    static let flushCount = 256
}
