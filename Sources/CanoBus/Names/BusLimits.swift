/// How long and how much the bus keeps.
public struct BusLimits: Sendable, Hashable {
    /// How long a bridge owns a run without renewing; 15 s. Three heartbeats at least.
    public var lease: Duration = .seconds(15)
    /// How often a bridge renews; 5 s.
    public var heartbeat: Duration = .seconds(5)
    /// How long the record of a run is kept that has completed or was cancelled; 24 h.
    public var retention: Duration = .seconds(86_400)
    /// How long the record of a run is kept that has failed, with its log and store where it can be resumed; 7 days, so that what fails on a
    /// Friday night is there on Monday.
    public var failedRetention: Duration = .seconds(604_800)
    /// How long events are kept; 24 h, and never longer than the records.
    public var eventRetention: Duration = .seconds(86_400)
    /// About how many events are kept; 1,000,000.
    public var eventLength = 1_000_000
    /// About how many bytes of Redis' memory events take; 1 GiB.
    public var eventBytes = 1 << 30
    /// How long dead letters are kept; 30 days.
    public var deadLetterRetention: Duration = .seconds(2_592_000)
    /// About how many dead letters are kept; 100,000.
    public var deadLetterLength = 100_000
    /// About how many bytes of Redis' memory dead letters take; 256 MiB.
    public var deadLetterBytes = 256 << 20
    /// About how many answers a reply stream keeps; 1,000.
    public var replyLength = 1_000
    /// How long a reply stream lives after its last answer; 1 h. A later reader finds the result in the record.
    public var replyRetention: Duration = .seconds(3_600)
    /// How long a command waits for a bridge that has its workflow, from when a bridge first saw it; 30 s, and at least as long as a
    /// bridge takes to stop.
    public var unknownWorkflowWait: Duration = .seconds(30)
    /// The same of a command whose workflow no bridge has ever had on this bus; 5 s, and never longer than ``unknownWorkflowWait``. The name
    /// is mistyped, or its first bridge is just being started.
    public var newWorkflowWait: Duration = .seconds(5)
    /// The longest input, in bytes; 256 KiB.
    public var inputBytes = 256 * 1_024

    /// Creates the defaults.
    public init() {}

    /// How long a signal is kept whose run has not started, where it doesn't say so itself; 1 h, and never longer than the records.
    package var signalKeep: Duration { min(.seconds(3_600), retention) }

    /// How long the record of a run that has ended so is kept.
    package func retention(of status: RunStatus) -> Duration { status == .failed ? failedRetention : retention }

    /// The longest output.
    package static let outputBytes = 1 << 20
    /// Longer inputs are left out of `started`.
    package static let inlineInputBytes = 4 * 1_024
    /// Longer outputs are left out of `completed`: the record has them.
    package static let inlineOutputBytes = 64 * 1_024
    /// How many attributes a run may have, and how many bytes the value of one.
    package static let attributes = 16
    package static let attributeBytes = 256
    /// How many bytes the text may have that says them.
    package static let attributesBytes = 16 * 1_024
    /// The most fields a command may have, and the most a dead letter keeps of one.
    package static let commandFields = 64
    /// The longest reason of a cancellation.
    package static let reasonBytes = 1_024
    /// The longest data of a signal.
    package static let signalDataBytes = 64 * 1_024
    /// How many signals a run may have that no step has consumed.
    package static let unreadSignals = 1_000
    /// How many bytes they may have together.
    package static let inboxBytes = 1 << 20
    /// Of how many signals a run remembers the message ids: those that came last.
    package static let rememberedMessages = 1_000
    /// To how many names the end of a run is answered.
    package static let replyNames = 8
    /// How many takeovers in a row a run may have; at the next one it is quarantined.
    package static let takeovers = 5
    /// How many workflows in their versions a bus remembers that bridges have had: those that were there last.
    package static let knownWorkflows = 1_000
    /// The longest graph of a workflow that is published.
    package static let graphBytes = 64 * 1_024
    /// The longest input of a task, and the longest output that a worker answers.
    package static let taskBytes = 256 * 1_024
    /// The longest message of a worker's failure.
    package static let taskMessageBytes = 1_024
    /// The longest label of a state that a worker may name.
    package static let stateBytes = 1_000
    /// The most often a schedule may be due.
    package static let shortestInterval: Duration = .milliseconds(100)
    /// The last moment there may be, in milliseconds since 1970: the end of the year 9999, the last that RFC 3339 can write.
    package static let lastMoment: Int64 = 253_402_300_799_999
    /// Values of a rejected command are cut here.
    package static let rejectedValueBytes = 1_024
    /// How long events of a state that takes long may wait to be published.
    package static let flushInterval: Duration = .milliseconds(100)
    /// How many events may wait.
    package static let flushCount = 256
}
