import ArgumentParser
import CanoClient
import CanoRedis
import Foundation

/// Which bus a command works on.
struct RedisOptions: ParsableArguments {
    // No default of its own: the help would print it, and with it the password that may be in the variable.
    @Option(
        name: .customLong("redis"),
        help: "The server: redis://, rediss:// or unix://. (default: CANO_REDIS_URL, else redis://127.0.0.1:6379)")
    var url: String?

    @Option(help: "The prefix of every key of the bus.")
    var prefix = "cano"

    /// Where that server is.
    ///
    /// - Throws: ``RedisError`` with the code `invalidConfiguration`.
    var configuration: RedisConfiguration {
        get throws(RedisError) {
            try RedisConfiguration(url: url ?? ProcessInfo.processInfo.environment["CANO_REDIS_URL"] ?? "redis://127.0.0.1:6379")
        }
    }

    /// Connects for as long as the body runs.
    ///
    /// - Parameters:
    ///   - replyName: Where answers that are waited for arrive; nil for a new name.
    ///   - body: What to do meanwhile.
    /// - Returns: What the body returns.
    /// - Throws: ``BusError`` when no bus can have that prefix; ``RedisError``; what the body throws.
    func withBus<Result: Sendable>(
        replyName: String? = nil, _ body: (BusClient) async throws -> Result
    ) async throws -> Result {
        let configuration = try configuration
        if configuration.tls?.verification == RedisConfiguration.TLS.Verification.none {
            StandardError.write("Warning: the certificate of Redis is NOT verified (ssl_verify=none).")
        }
        return try await BusClient(configuration, prefix: prefix, replyName: replyName, logger: .silent).whileRunning(body)
    }
}
