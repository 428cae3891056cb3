/// What a scheduler knows of a flow. Moments are milliseconds since 1970.
public struct FlowInfo: Sendable {
    /// Its name.
    public let name: String
    /// What it does now.
    public let status: FlowStatus
    /// How many runs of it have begun.
    public let runCount: Int
    /// When its last run began.
    public let lastRun: Int64?
    /// How many runs have failed in a row.
    public let failureStreak: Int
    /// When it runs next, jitter included; `nil` when only a trigger, or the end of the run under way, decides.
    public let nextRun: Int64?
}
