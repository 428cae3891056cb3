public import CanoBus
public import CanoCore
import CanoPrimitives
public import CanoRedis
public import Logging
public import ServiceLifecycle

/// A client of one bus: starts runs and waits for them, sets schedules, follows events, reads records and dead letters.
///
/// It is a `Service`: run it beside what uses it, or open it for a while with ``with(_:prefix:shards:logger:_:)``.
/// ```swift
/// let bus = try BusClient(RedisConfiguration(url: "redis://127.0.0.1:6379"))
/// // elsewhere, while `bus.run()` goes on:
/// let receipt = try await bus.execute(ordering.reference, order, id: "order-42")
/// ```
/// All waits share one connection for blocking reads, and everything else another. While Redis is away, what was published waits
/// for it, and so do waits.
///
/// Of a bus that is divided into shards it says how many there are. What is about a run or a schedule then goes to its shard, and lists are of
/// all shards; each has connections of its own, once it is asked something. A shard that is away fails what needs it, with an error that names
/// it: no list leaves it out.
/// ```swift
/// let bus = try BusClient(RedisConfiguration(url: "redis://10.0.0.1,10.0.0.2"), prefix: "{cano}", shards: 16)
/// ```
public final class BusClient: Service {
    /// The shards of the bus, and their keys; a bus that is not divided is one shard.
    public var shards: BusShards { agreement.shards }
    /// What every key of the bus begins with; of several shards the prefix of the whole.
    public let prefix: String
    /// The name of the stream on which this client's answers arrive: `P:replies:<name>`, on the shard of the run that they are about.
    public let replyName: String

    /// What is known of the shards.
    private let agreement: ShardAgreement
    /// A client of each shard.
    package let clients: [ShardClient]

    /// Creates a client; nothing is sent before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how long things may take.
    ///   - prefix: What every key of the bus begins with; of a bus that is divided, the prefix of the whole.
    ///   - count: Into how many shards the bus is divided. With another number than its bridges were told, calls throw ``ClientError`` with the code
    ///     `wrongShards`.
    ///   - replyName: Where its answers arrive: 1 to 100 characters of `A-Z a-z 0-9 . _ -`. `nil` for a new name, whose stream is removed
    ///     when the client stops: one process must not take the answers of another for its own.
    ///   - clock: Measures how long to wait.
    ///   - logger: Gets what no call can throw: connections made and lost.
    /// - Throws: `BusError` with the code `invalidName` when the prefix or the reply name can't be used, or there can't be so many shards.
    public init(
        _ configuration: RedisConfiguration, prefix: String = BusKeys.standardPrefix, shards count: Int = 1, replyName: String? = nil,
        clock: any EngineClock = SystemClock(), logger: Logger = Logger(label: "cano-client")
    ) throws(BusError) {
        let shards = try BusShards(prefix: prefix, count: count)
        let name = replyName ?? "client-\(RunID.random())"
        try Self.require(name: name)
        let agreement = ShardAgreement(shards)
        self.agreement = agreement
        self.prefix = prefix
        self.replyName = name
        clients = shards.keys.enumerated().map { number, keys in
            ShardClient(
                keys, number: number, of: agreement, configuration, replyName: name, hasOwnReplies: replyName == nil, clock: clock,
                logger: logger)
        }
    }

    /// Keeps the connections until a graceful shutdown is asked for or the task is cancelled. Waits end then, with `stopped`; the runs
    /// they wait for go on.
    ///
    /// - Throws: `RedisError` with `clientShutDown` when it has run before.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { try await client.run() } }
            try await group.waitForAll()
        }
    }

    /// Opens a client for as long as the body runs.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how long things may take.
    ///   - prefix: What every key of the bus begins with.
    ///   - count: Into how many shards the bus is divided.
    ///   - logger: Gets what no call can throw.
    ///   - body: What to do meanwhile.
    /// - Returns: What the body returns.
    /// - Throws: `BusError` with the code `invalidName` when the prefix can't be used; what the body throws.
    public static func with<Result: Sendable>(
        _ configuration: RedisConfiguration, prefix: String = BusKeys.standardPrefix, shards count: Int = 1,
        logger: Logger = Logger(label: "cano-client"), _ body: (BusClient) async throws -> Result
    ) async throws -> Result {
        try await BusClient(configuration, prefix: prefix, shards: count, logger: logger).whileRunning(body)
    }

    /// Runs for as long as the body does.
    package func whileRunning<Result: Sendable>(_ body: (BusClient) async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            defer { group.cancelAll() }
            return try await body(self)
        }
    }

    static func require(name: String) throws(BusError) {
        guard Name.isValid(name) else { throw BusError(.invalidName, "The name \"\(name)\" can't be used: choose \(Name.rule).") }
    }

    static func require(run: String) throws(BusError) {
        guard RunName.isValid(run) else { throw BusError(.invalidName, "The id \"\(run)\" can't be used: choose \(RunName.rule).") }
    }
}
