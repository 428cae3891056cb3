import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import Logging

/// Reads the stream of all events on a connection of its own, waiting for what is to come and while Redis is away.
struct EventReader: Sendable {
    let key: String
    let configuration: RedisConfiguration
    let clock: any EngineClock
    let logger: Logger

    static let block = Duration.seconds(2)
    private static let page = 500

    var pauses: OutagePauses { OutagePauses(stream: key, clock: clock, logger: logger) }

    /// The first event after an entry that is looked for.
    ///
    /// - Returns: Nil when none has come in time.
    /// - Throws: `RedisError` when the server refuses; `CancellationError`.
    func first(
        after entry: StreamEntryID, within limit: Duration, where isWanted: (EventEntry) -> Bool
    ) async throws -> EventEntry? {
        let deadline = clock.now.advanced(by: limit)
        return try await withConnection { redis in
            var last = entry
            while case let left = clock.now.duration(to: deadline), left > .zero {
                let block = min(Self.block, max(.milliseconds(1), left))
                let entries = try await read(redis, XREAD([(key: key, after: last)], count: Self.page, block: block)).flatMap(\.entries)
                for entry in entries {
                    let event = EventEntry(entry.fields)
                    if isWanted(event) { return event }
                }
                last = entries.last?.id ?? last
            }
            return nil
        }
    }

    /// Hands over every event after an entry, for as long as the caller's task is not cancelled.
    ///
    /// - Throws: `RedisError` when the server refuses; what the body throws; `CancellationError`.
    func follow(after entry: StreamEntryID, _ body: (EventEntry) async throws -> Void) async throws {
        try await withConnection { redis in
            var last = entry
            while true {
                let entries = try await read(redis, XREAD([(key: key, after: last)], count: Self.page, block: Self.block)).flatMap(
                    \.entries)
                for entry in entries { try await body(EventEntry(entry.fields)) }
                last = entries.last?.id ?? last
            }
        }
    }

    /// Lends out a connection for blocking reads.
    func withConnection<Result>(_ body: (RedisBlockingClient) async throws -> Result) async throws -> Result {
        let redis = RedisBlockingClient(configuration, logger: logger)
        do {
            let result = try await body(redis)
            await redis.close()
            return result
        } catch {
            await redis.close()
            throw error
        }
    }

    /// Reads, again and again while Redis is away.
    func read<Command: BlockingRedisCommand>(_ redis: RedisBlockingClient, _ command: Command) async throws -> Command.Response {
        try await untilAnswered { try await redis.execute(command) }
    }

    /// Repeats what may be repeated while Redis is away.
    func untilAnswered<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
        var pauses = pauses
        while true {
            do {
                return try await ask()
            } catch let error as RedisError where error.isPassing {
                try await pauses.wait(after: error)
            }
        }
    }
}
