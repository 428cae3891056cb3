public import CanoBus
public import CanoCore
import CanoPrimitives
public import CanoRedis

/// The settings of a bridge.
public struct BridgeConfiguration: Sendable {
    /// Where Redis is and how to talk to it. Its `RedisConfiguration.durability` says when a step of a run counts as written: no
    /// task begins before what it follows from is as safe as that.
    public var redis: RedisConfiguration
    /// What every key of the bus begins with; all bridges and producers of one bus use the same.
    public var prefix = "cano"
    /// How many shards the bus has; 1. Of several each has a prefix of its own: see `BusShards`.
    public var shards = 1
    /// What this bridge is called, before the random part its id gets at every start: 1 to 80 characters of `A-Za-z0-9._-`.
    public var name = "bridge"
    /// How many runs it has at once; 256.
    public var maximumRuns = 256
    /// How much of its runs is published.
    public var events = EventLevels()
    /// How long and how much the bus keeps.
    public var limits = BusLimits()
    /// How long runs may go on to their next step after a stop was asked for, before they are interrupted; 20 s.
    public var drainTime: Duration = .seconds(20)
    /// How long interrupted runs have before the process ends without them; 5 s. Half of it, but no more
    /// than a second, is for telling Redis.
    public var gracePeriod: Duration = .seconds(5)
    /// How long a task of a run that is cancelled, out of time or handed over gets to notice it, before the run ends without it; 10 s.
    public var abandonAfter: Duration = .seconds(10)
    /// How often failed attempts are repeated at tasks whose own configuration says nothing else: 100 times, after pauses that double from
    /// 100 ms to 5 minutes, which is seven and a half hours.
    public var retry: RetryMode = .exponential(100, upTo: .seconds(300))
    /// How long to wait at the start for a Redis that can't be reached or is still loading its data; 30 s.
    public var startTimeout: Duration = .seconds(30)
    /// Whether to start although the server may evict keys when its memory is full, which can lose runs.
    public var toleratesEviction = false

    /// Some thirty years.
    private static let longestTime = Duration.seconds(1_000_000_000)

    /// Creates the defaults for a server.
    public init(redis: RedisConfiguration) {
        self.redis = redis
    }

    /// Checks the settings, each by itself and together.
    ///
    /// - Returns: The shards of the bus.
    /// - Throws: ``BridgeError`` with the code `invalidConfiguration`, which says what to change.
    func validated() throws(BridgeError) -> BusShards {
        let divided: BusShards
        do { divided = try BusShards(prefix: prefix, count: shards) } catch { throw BridgeError(.invalidConfiguration, error.message) }
        func require(_ condition: Bool, _ message: String) throws(BridgeError) {
            if !condition { throw BridgeError(.invalidConfiguration, message) }
        }
        try require(
            Name.isValid(name) && name.utf8.count <= 80,
            "The name \"\(name)\" can't be used: choose 1 to 80 characters of A-Z a-z 0-9 . _ -.")
        try require(maximumRuns > 0, "The maximum of runs must be at least 1.")
        if case .replicas(let count) = redis.durability {
            try require(count > 0, "The durability asks for \(count) replicas: choose 1 at least, or another level.")
        }
        try require(limits.heartbeat >= .milliseconds(50), "The heartbeat must be at least 50 ms.")
        try require(limits.lease >= limits.heartbeat * 3, "The lease must be at least three heartbeats long, so that one may be late.")
        try require(
            min(limits.retention, limits.failedRetention) >= limits.eventRetention,
            "Records must be kept as long as events at least: raise the retention or lower that of events.")
        try require(
            min(limits.retention, limits.eventRetention, limits.replyRetention, limits.deadLetterRetention) >= .seconds(1),
            "Records, events, dead letters and answers must be kept for a second at least, or their readers never see them.")
        try require(
            min(drainTime, gracePeriod, abandonAfter, limits.unknownWorkflowWait, limits.newWorkflowWait) >= .zero,
            "Drain time, grace period, the time until a task is abandoned and the wait for an unknown workflow can't be negative.")
        let times = [
            limits.lease, limits.heartbeat, limits.retention, limits.failedRetention, limits.eventRetention, limits.replyRetention,
            limits.deadLetterRetention, limits.unknownWorkflowWait, limits.newWorkflowWait, drainTime, gracePeriod, abandonAfter,
            startTimeout,
        ]
        try require(
            times.allSatisfy { $0 <= Self.longestTime }, "Times can be 1,000,000,000 s at most, or sums of moments would overflow.")
        try require(
            min(
                limits.inputBytes, limits.eventLength, limits.eventBytes, limits.deadLetterLength, limits.deadLetterBytes,
                limits.replyLength) > 0,
            "Lengths and sizes must be at least 1.")
        return divided
    }
}
