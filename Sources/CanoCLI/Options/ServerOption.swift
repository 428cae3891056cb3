import ArgumentParser
import CanoClient
import CanoRedis

/// Which server a command works on.
struct ServerOption: ParsableArguments {
    // No default of its own, for an embedded server may be meant.
    @Option(
        name: .customLong("redis"),
        help: "The server: redis://, rediss://, unix:// or redis+sentinel://. (default: redis://127.0.0.1:6379)")
    var url: String?

    /// Where that server is.
    ///
    /// - Throws: ``RedisError`` with the code `invalidConfiguration`.
    var configuration: RedisConfiguration {
        get throws(RedisError) {
            try RedisConfiguration(url: url ?? "redis://127.0.0.1:6379")
        }
    }

    /// Connects for as long as the body runs.
    ///
    /// - Parameters:
    ///   - prefix: The prefix of the bus.
    ///   - shards: Into how many shards it is divided.
    ///   - replyName: Where answers that are waited for arrive; nil for a new name.
    ///   - body: What to do meanwhile.
    /// - Returns: What the body returns.
    /// - Throws: ``BusError`` when no bus can have that prefix; ``RedisError``; what the body throws.
    func withBus<Result: Sendable>(
        prefix: String, shards: Int = 1, replyName: String? = nil, _ body: (BusClient) async throws -> Result
    ) async throws -> Result {
        let configuration = try configuration
        if configuration.tls?.verification == RedisConfiguration.TLS.Verification.none {
            StandardError.write("Warning: the certificate of Redis is NOT verified (ssl_verify=none).")
        }
        return try await BusClient(configuration, prefix: prefix, shards: shards, replyName: replyName, logger: .silent).whileRunning(body)
    }
}
