import CanoBus
import CanoRedis

/// A connection to one bus, open for as long as a command runs.
struct BusConnection: Sendable {
    let redis: RedisClient
    let keys: BusKeys
    private let configuration: RedisConfiguration

    /// Connects for as long as the body runs.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is.
    ///   - prefix: What every key of the bus begins with.
    ///   - body: What to do meanwhile.
    /// - Returns: What the body returns.
    /// - Throws: ``BusError`` when no bus can have that prefix; ``RedisError``; what the body throws.
    static func with<Result: Sendable>(
        _ configuration: RedisConfiguration, prefix: String, _ body: (BusConnection) async throws -> Result
    ) async throws -> Result {
        let keys = try BusKeys(prefix: prefix)
        let redis = RedisClient(configuration, logger: .silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await redis.run() }
            defer { group.cancelAll() }
            return try await body(BusConnection(redis: redis, keys: keys, configuration: configuration))
        }
    }

    /// A stream of events, to be read on a connection of its own.
    func events(on stream: String) -> EventStream {
        EventStream(configuration: configuration, key: stream)
    }

    /// Publishes a command on the stream that is for it.
    ///
    /// - Returns: The command's entry.
    /// - Throws: ``RedisError``.
    func publish(_ command: some BusCommand) async throws -> StreamEntryID? {
        try await redis.execute(XADD(keys.inbound(command.stream), texts: command.fields.map { ($0.name, $0.value) }))
    }
}
