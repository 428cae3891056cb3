import ArgumentParser
import CanoBridge
import CanoRedis
import Foundation
import Logging

/// Which bus a command is about.
struct RedisOptions: ParsableArguments {
    // No default of its own: the help would print it, and with it the password that may be in the variable.
    @Option(
        name: .customLong("redis"),
        help: "The server: redis://, rediss:// or unix://. (default: CANO_REDIS_URL, else redis://127.0.0.1:6379)")
    var url: String?

    @Option(help: "What every key of the bus begins with.")
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
    func withClient(_ body: (RedisClient, BusKeys) async throws -> Void) async throws {
        let client = RedisClient(try configuration, logger: .silent)
        let bus = try BusKeys(prefix: prefix)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            try await body(client, bus)
            group.cancelAll()
        }
    }
}

extension Logger {
    /// For commands that say all they have to say themselves.
    static var silent: Logger { Logger(label: "cano", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
