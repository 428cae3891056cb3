import ArgumentParser
import CanoBridge
import CanoBus
import CanoRedis
import Foundation

/// The options of `serve`.
struct ServeOptions: ParsableArguments {
    @OptionGroup var redis: RedisOptions

    @Flag(help: "Use a private redis-server that starts and ends with the bridge.")
    var embedded = false

    @Option(help: "The folder of the embedded server's data. (default: cano in the user's state folder)")
    var stateDir: String?

    @Option(help: "The name of this bridge; its id is the name and a random part.")
    var name = "bridge"

    @Option(
        name: .customLong("max-runs"), help: "How many runs it carries out at once. (default: 256)", transform: Int.count(typed:))
    var maximumRuns = 256

    @Option(help: "How much is published, by level: \(EventLevel.allCases.map(\.rawValue).joined(separator: ", ")).")
    var events = EventLevel.states.rawValue

    @Option(help: "How safe a step has to be before the next begins: local, fsync, or replicas: and how many.")
    var durability = RedisDurability.local.description

    @Option(
        name: .customLong("lease-seconds"), help: "How long a bridge owns its runs without a heartbeat. (default: 15)",
        transform: Duration.seconds(typed:))
    var lease = Duration.seconds(15)

    @Option(
        name: .customLong("heartbeat-seconds"), help: "The time between heartbeats. (default: 5)",
        transform: Duration.seconds(typed:))
    var heartbeat = Duration.seconds(5)

    @Option(
        name: .customLong("drain-seconds"), help: "How long runs may take to reach their next step after SIGTERM. (default: 20)",
        transform: Duration.seconds(typed:))
    var drain = Duration.seconds(20)

    @Option(
        name: .customLong("grace-seconds"), help: "How long interrupted runs may then take to end. (default: 5)",
        transform: Duration.seconds(typed:))
    var grace = Duration.seconds(5)

    @Option(
        name: .customLong("abandon-seconds"),
        help: "How long a task may go on after its run was cancelled or is out of time, before the run ends without it. (default: 10)",
        transform: Duration.seconds(typed:))
    var abandon = Duration.seconds(10)

    @Option(
        name: .customLong("retention-seconds"), help: "How long completed and cancelled runs are kept. (default: 86400)",
        transform: Duration.seconds(typed:))
    var retention = Duration.seconds(86_400)

    @Option(
        name: .customLong("unknown-workflow-seconds"),
        help: "How long a command waits for a bridge that has its workflow, before it is rejected. (default: 30)",
        transform: Duration.seconds(typed:))
    var unknownWorkflowWait = Duration.seconds(30)

    @Option(
        name: .customLong("new-workflow-seconds"),
        help: "The same for a command whose workflow no bridge has ever had on this bus. (default: 5)",
        transform: Duration.seconds(typed:))
    var newWorkflowWait = Duration.seconds(5)

    @Option(
        name: .customLong("failed-retention-seconds"),
        help: "How long failed runs are kept, with what resuming them needs. (default: 604800)",
        transform: Duration.seconds(typed:))
    var failedRetention = Duration.seconds(604_800)

    @Option(
        name: .customLong("event-retention-seconds"), help: "How long events are kept, and no longer than runs are. (default: 86400)",
        transform: Duration.seconds(typed:))
    var eventRetention = Duration.seconds(86_400)

    @Option(
        name: .customLong("max-events"), help: "About how many events are kept; the oldest go first. (default: 1000000)",
        transform: Int.count(typed:))
    var maximumEvents = 1_000_000

    @Option(
        name: .customLong("max-event-bytes"),
        help: "About how many bytes of Redis' memory events take; the oldest go first. (default: 1073741824)",
        transform: Int.count(typed:))
    var eventBytes = 1_073_741_824

    @Option(
        name: .customLong("dead-letter-retention-seconds"), help: "How long dead letters are kept. (default: 2592000)",
        transform: Duration.seconds(typed:))
    var deadLetterRetention = Duration.seconds(2_592_000)

    @Option(
        name: .customLong("max-dead-letters"), help: "About how many dead letters are kept; the oldest go first. (default: 100000)",
        transform: Int.count(typed:))
    var maximumDeadLetters = 100_000

    @Option(
        name: .customLong("max-dead-letter-bytes"),
        help: "About how many bytes of Redis' memory dead letters take; the oldest go first. (default: 268435456)",
        transform: Int.count(typed:))
    var deadLetterBytes = 268_435_456

    @Option(
        name: .customLong("reply-retention-seconds"), help: "How long a reply stream is kept after its last answer. (default: 3600)",
        transform: Duration.seconds(typed:))
    var replyRetention = Duration.seconds(3_600)

    @Option(
        name: .customLong("max-answers"), help: "About how many answers a reply stream keeps; the oldest go first. (default: 1000)",
        transform: Int.count(typed:))
    var maximumAnswers = 1_000

    @OptionGroup var admin: AdminOptions

    @OptionGroup var telemetry: TelemetryOptions

    @Flag(help: "Accept a server that may evict keys, which can lose runs.")
    var allowEviction = false

    @OptionGroup var service: ServiceOptions

    func validate() throws {
        if embedded, redis.url != nil { throw ValidationError("Give --redis or --embedded, not both.") }
        guard RedisDurability(durability) != nil else {
            throw ValidationError(
                "--durability has no level \"\(durability)\": choose local, fsync, or replicas: and how many, such as replicas:1.")
        }
        guard EventLevel(rawValue: events) != nil else {
            let levels = EventLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--events has no level \"\(events)\": choose one of \(levels).")
        }
    }

    /// The bridge's settings, for this server.
    func configuration(redis server: RedisConfiguration) -> BridgeConfiguration {
        var configuration = BridgeConfiguration(redis: server)
        configuration.redis.durability = RedisDurability(durability) ?? .local
        configuration.prefix = redis.prefix
        configuration.shards = redis.shards
        configuration.name = name
        configuration.maximumRuns = maximumRuns
        configuration.events = EventLevels(EventLevel(rawValue: events) ?? .states)
        configuration.limits.lease = lease
        configuration.limits.heartbeat = heartbeat
        configuration.limits.retention = retention
        configuration.limits.failedRetention = failedRetention
        configuration.limits.eventRetention = min(eventRetention, retention, failedRetention)
        configuration.limits.eventLength = maximumEvents
        configuration.limits.eventBytes = eventBytes
        configuration.limits.deadLetterRetention = deadLetterRetention
        configuration.limits.deadLetterLength = maximumDeadLetters
        configuration.limits.deadLetterBytes = deadLetterBytes
        configuration.limits.replyRetention = replyRetention
        configuration.limits.replyLength = maximumAnswers
        configuration.limits.unknownWorkflowWait = unknownWorkflowWait
        configuration.limits.newWorkflowWait = newWorkflowWait
        configuration.drainTime = drain
        configuration.gracePeriod = grace
        configuration.abandonAfter = abandon
        configuration.toleratesEviction = allowEviction
        return configuration
    }

    /// The folder of the embedded server's data, as XDG's rules for state folders have it.
    func stateFolder(in environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        if let stateDir { return stateDir }
        let base = environment["XDG_STATE_HOME"] ?? (environment["HOME"] ?? ".") + "/.local/state"
        return base + "/cano"
    }
}
