package import CanoBus
import CanoCore
import CanoPrimitives
package import CanoRedis
import Logging
import ServiceLifecycle
import Synchronization

/// One shard of a bus, or all of one that is not divided: a connection, and the answers that come there.
package final class ShardClient: Sendable {
    package let keys: BusKeys
    /// Which shard it is, from 0.
    package let number: Int
    /// What is known of all of them.
    private let agreement: ShardAgreement
    package let redis: RedisClient
    let configuration: RedisConfiguration
    let answers: AnswerReader
    let clock: any EngineClock
    let logger: Logger
    /// Whether it was asked anything yet: only then does one of several connect.
    private let isNeeded = WaitQueue(false)
    /// Whether it said that it is a shard of so many.
    private let hasAgreed = Atomic(false)

    init(
        _ keys: BusKeys, number: Int, of agreement: ShardAgreement, _ configuration: RedisConfiguration, replyName: String,
        hasOwnReplies: Bool,
        clock: any EngineClock, logger: Logger
    ) {
        self.keys = keys
        self.number = number
        self.agreement = agreement
        var configuration = configuration
        configuration.clusterKey = keys.commands
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        redis = RedisClient(configuration, logger: logger)
        answers = AnswerReader(keys.replies(to: replyName), isOwn: hasOwnReplies, configuration, clock: clock, logger: logger)
        hasAgreed.store(agreement.shards.count == 1, ordering: .relaxed)
    }

    /// Keeps the connection, from the first question on, until a graceful shutdown is asked for or the task is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cancelWhenGracefulShutdown { await self.answers.run() } }
            defer { group.cancelAll() }
            if count > 1 { await untilNeeded() }
            try await redis.run()
        }
    }

    /// Waits until the shard is asked something, or is to stop: then the connection is closed before it is made.
    private func untilNeeded() async {
        do { try await cancelWhenGracefulShutdown { try await self.isNeeded.waitUnlessCancelled { $0 } } } catch { /* It is to stop. */  }
    }

    /// Asks the shard something, once it has agreed that it is one of so many. An error of Redis says which shard it is of.
    ///
    /// - Throws: ``ClientError`` with the code `wrongShards`; `RedisError`; what the body throws.
    package func ask<Answer>(_ body: (ShardClient) async throws -> Answer) async throws -> Answer {
        guard count > 1 else { return try await body(self) }
        do { return try await reach(body) } catch let error as RedisError { throw error.naming(keys.prefix) }
    }

    /// The same, with the errors of Redis as they are.
    func reach<Answer>(_ body: (ShardClient) async throws -> Answer) async throws -> Answer {
        connect()
        if !hasAgreed.load(ordering: .relaxed) { try await agree() }
        return try await body(self)
    }

    /// Waits while Redis is away until the shard has agreed that it is one of so many.
    ///
    /// - Throws: ``ClientError`` with the code `wrongShards`; `RedisError` of what does not pass; `CancellationError`.
    func untilAgreed() async throws {
        var pauses = OutagePauses(stream: keys.events, clock: clock, logger: logger)
        while true {
            do { return try await ask { _ in } } catch let error as RedisError where error.isPassing { try await pauses.wait(after: error) }
        }
    }

    /// Connects from now on.
    func connect() {
        if count > 1 { isNeeded.update { $0 = true } }
    }

    /// How many shards there are.
    var count: Int { agreement.shards.count }

    /// Looks at what the bridges say of the number of shards. Before one has come there is nothing to compare, and it is looked at again.
    private func agree() async throws {
        let (shards, earlier) = try await redis.pipeline(
            HGET(keys.shards, Field.shards.rawValue), HGET(keys.shards, Field.earlierShards.rawValue))
        guard let said = try shards.get().map({ String(decoding: $0, as: UTF8.self) }) else { return }
        guard said == String(count) else { throw ClientError.wrongShards(keys.prefix, ofThem: said, told: count) }
        agreement.learn(earlierCounts: ShardRecord.counts(String(decoding: try earlier.get() ?? [], as: UTF8.self)))
        hasAgreed.store(true, ordering: .relaxed)
    }

    // MARK: Publishing

    /// Publishes a command on the stream that is for it.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - isIdempotent: Whether it may be published again when its reply is lost on the way.
    /// - Returns: The command's entry.
    /// - Throws: ``RedisError``.
    @discardableResult
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
}

extension RedisError {
    /// The same, of a shard.
    fileprivate func naming(_ prefix: String) -> RedisError {
        RedisError(code, "shard \"\(prefix)\": \(message)", underlying: underlying, mayHaveBeenExecuted: mayHaveBeenExecuted)
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
