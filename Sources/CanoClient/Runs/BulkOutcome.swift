public import CanoRedis

/// What became of a command that was given to many runs.
public struct BulkOutcome: Sendable {
    /// How many runs Redis has the command for.
    public var asked = 0
    /// The runs of which that is not known, with the reason.
    public var failures: [String: RedisError] = [:]
}
