public import CanoBus
public import CanoCore
import CanoPrimitives
public import CanoRedis
public import Logging
public import ServiceLifecycle

/// A client of one bus: starts runs and waits for them, sets schedules, follows events, reads records and dead letters.
///
/// It is a `Service`: run it beside what uses it, or open it for a while with ``with(_:prefix:logger:_:)``.
/// ```swift
/// let bus = try BusClient(RedisConfiguration(url: "redis://127.0.0.1:6379"))
/// // elsewhere, while `bus.run()` goes on:
/// let receipt = try await bus.execute(ordering.reference, order, id: "order-42")
/// ```
/// All waits share one connection for blocking reads, and everything else another. While Redis is away, what was published waits
/// for it, and so do waits.
public final class BusClient: Service {
    /// The keys of the bus.
    public let keys: BusKeys
    /// The name of the stream on which this client's answers arrive: `P:replies:<name>`.
    public let replyName: String

    package let redis: RedisClient
    let configuration: RedisConfiguration
    let answers: AnswerReader
    let clock: any EngineClock
    let logger: Logger

    /// Creates a client; nothing is sent before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how long things may take.
    ///   - prefix: What every key of the bus begins with.
    ///   - replyName: Where its answers arrive: 1 to 100 characters of `A-Z a-z 0-9 . _ -`. `nil` for a new name, whose stream is removed
    ///     when the client stops: one process must not take the answers of another for its own.
    ///   - clock: Measures how long to wait.
    ///   - logger: Gets what no call can throw: connections made and lost.
    /// - Throws: `BusError` with the code `invalidName` when the prefix or the reply name can't be used.
    public init(
        _ configuration: RedisConfiguration, prefix: String = BusKeys.standardPrefix, replyName: String? = nil,
        clock: any EngineClock = SystemClock(), logger: Logger = Logger(label: "cano-client")
    ) throws(BusError) {
        keys = try BusKeys(prefix: prefix)
        self.replyName = replyName ?? "client-\(RunID.random())"
        try Self.require(name: self.replyName)
        var configuration = configuration
        configuration.clusterKey = keys.commands
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        redis = RedisClient(configuration, logger: logger)
        answers = AnswerReader(
            keys.replies(to: self.replyName), isOwn: replyName == nil, configuration, clock: clock, logger: logger)
    }

    /// Keeps the connection until a graceful shutdown is asked for or the task is cancelled. Waits end then, with `stopped`; the runs
    /// they wait for go on.
    ///
    /// - Throws: `RedisError` with `clientShutDown` when it has run before.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cancelWhenGracefulShutdown { await self.answers.run() } }
            defer { group.cancelAll() }
            try await redis.run()
        }
    }

    /// Opens a client for as long as the body runs.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how long things may take.
    ///   - prefix: What every key of the bus begins with.
    ///   - logger: Gets what no call can throw.
    ///   - body: What to do meanwhile.
    /// - Returns: What the body returns.
    /// - Throws: `BusError` with the code `invalidName` when the prefix can't be used; what the body throws.
    public static func with<Result: Sendable>(
        _ configuration: RedisConfiguration, prefix: String = BusKeys.standardPrefix, logger: Logger = Logger(label: "cano-client"),
        _ body: (BusClient) async throws -> Result
    ) async throws -> Result {
        try await BusClient(configuration, prefix: prefix, logger: logger).whileRunning(body)
    }

    /// Runs for as long as the body does.
    package func whileRunning<Result: Sendable>(_ body: (BusClient) async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            defer { group.cancelAll() }
            return try await body(self)
        }
    }

    // MARK: Publishing

    /// Publishes a command on the stream that is for it.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - isIdempotent: Whether it may be published again when its reply is lost on the way.
    /// - Returns: The command's entry.
    /// - Throws: ``RedisError``.
    func publish(_ command: some BusCommand, isIdempotent: Bool) async throws(RedisError) -> StreamEntryID {
        try await redis.execute(
            PublishCommand(stream: keys.inbound(command.stream), fields: command.fields, isIdempotent: isIdempotent))
    }

    /// Publishes commands of one kind in one write.
    ///
    /// - Parameters:
    ///   - commands: The commands.
    ///   - isIdempotent: Whether each may be published again when its reply is lost on the way.
    /// - Returns: What became of each.
    /// - Throws: ``RedisError`` when none was sent.
    func publish<Published: BusCommand>(
        _ commands: [Published], isIdempotent: Bool
    ) async throws(RedisError) -> [Result<StreamEntryID, RedisError>] {
        try await redis.pipeline(
            commands.map { PublishCommand(stream: keys.inbound($0.stream), fields: $0.fields, isIdempotent: isIdempotent) })
    }

    static func require(name: String) throws(BusError) {
        guard Name.isValid(name) else { throw BusError(.invalidName, "The name \"\(name)\" can't be used: choose \(Name.rule).") }
    }

    static func require(run: String) throws(BusError) {
        guard RunName.isValid(run) else { throw BusError(.invalidName, "The id \"\(run)\" can't be used: choose \(RunName.rule).") }
    }
}

/// `XADD` of a command, which may be repeated where the command may.
private struct PublishCommand: RedisCommand {
    let encoded: RESPCommand
    let isIdempotent: Bool

    init(stream: String, fields: [(name: String, value: String)], isIdempotent: Bool) {
        encoded = XADD(stream, texts: fields.map { ($0.name, $0.value) }).encoded
        self.isIdempotent = isIdempotent
    }

    static func decode(_ reply: RESPValue) throws(RedisError) -> StreamEntryID {
        guard let entry = try XADD.decode(reply) else { throw RedisError(.unexpectedReply, "XADD answered no entry id") }
        return entry
    }
}
